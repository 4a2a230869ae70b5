//! The node kinds of the Kotlin grammar as an enum: one table lookup by the grammar's numeric id instead of
//! comparing names.

use std::sync::OnceLock;

use tree_sitter::{Language, Node};

macro_rules! kinds {
    (nodes { $($node:ident = $node_name:literal,)* } tokens { $($token:ident = $token_name:literal,)* }) => {
        /// A node or token the lowering tells apart; all others are `Other`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind { Other, $($node,)* $($token,)* }

        fn kind_named(name: &str, named: bool) -> Kind {
            match (named, name) {
                $((true, $node_name) => Kind::$node,)*
                $((false, $token_name) => Kind::$token,)*
                _ => Kind::Other,
            }
        }
    };
}

kinds! {
    nodes {
        SourceFile = "source_file", FileAnnotation = "file_annotation", PackageHeader = "package_header",
        Import = "import", QualifiedIdentifier = "qualified_identifier", ClassDeclaration = "class_declaration",
        ObjectDeclaration = "object_declaration", PropertyDeclaration = "property_declaration",
        TypeAlias = "type_alias", CompanionObject = "companion_object",
        AnonymousInitializer = "anonymous_initializer", SecondaryConstructor = "secondary_constructor",
        DelegationCall = "constructor_delegation_call", TypeParameters = "type_parameters",
        TypeParameter = "type_parameter", TypeParameterModifiers = "type_parameter_modifiers",
        Reified = "reification_modifier", PrimaryConstructor = "primary_constructor",
        ClassParameters = "class_parameters", ClassParameter = "class_parameter",
        TypeConstraints = "type_constraints", TypeConstraint = "type_constraint",
        ConstructorInvocation = "constructor_invocation", FunctionDeclaration = "function_declaration",
        FunctionParameters = "function_value_parameters", Parameter = "parameter",
        ParameterModifiers = "parameter_modifiers", DelegationSpecifiers = "delegation_specifiers",
        DelegationSpecifier = "delegation_specifier", ExplicitDelegation = "explicit_delegation",
        VariableDeclaration = "variable_declaration", MultiVariable = "multi_variable_declaration",
        PropertyDelegate = "property_delegate", Getter = "getter", Setter = "setter",
        FunctionBody = "function_body", Block = "block", For = "for_statement", While = "while_statement",
        DoWhile = "do_while_statement", ClassBody = "class_body", EnumBody = "enum_class_body",
        EnumEntry = "enum_entry", ValueArguments = "value_arguments", ValueArgument = "value_argument",
        Modifiers = "modifiers", TypeModifiers = "type_modifiers", Annotation = "annotation",
        UseSiteTarget = "use_site_target", UserType = "user_type", NullableType = "nullable_type",
        NonNullableType = "non_nullable_type", TypeArguments = "type_arguments",
        TypeProjection = "type_projection", FunctionType = "function_type",
        FunctionTypeParameters = "function_type_parameters", ParenthesizedType = "parenthesized_type",
        Assignment = "assignment", Unary = "unary_expression", AnnotatedExpression = "annotated_expression",
        Labeled = "labeled_expression", Binary = "binary_expression", In = "in_expression",
        Is = "is_expression", As = "as_expression", Spread = "spread_expression", Range = "range_expression",
        Infix = "infix_expression", Call = "call_expression", AnnotatedLambda = "annotated_lambda",
        Lambda = "lambda_literal", LambdaParameters = "lambda_parameters",
        AnonymousFunction = "anonymous_function", Index = "index_expression", This = "this_expression",
        Super = "super_expression", If = "if_expression", Parenthesized = "parenthesized_expression",
        Collection = "collection_literal", When = "when_expression", WhenSubject = "when_subject",
        WhenEntry = "when_entry", RangeTest = "range_test", TypeTest = "type_test", Try = "try_expression",
        Catch = "catch_block", Finally = "finally_block", Return = "return_expression",
        Throw = "throw_expression", CallableReference = "callable_reference",
        Navigation = "navigation_expression", Object = "object_literal", String = "string_literal",
        RawString = "multiline_string_literal", Interpolation = "interpolation",
        Character = "character_literal", Number = "number_literal", Float = "float_literal",
        Label = "label", Identifier = "identifier", LineComment = "line_comment",
        BlockComment = "block_comment", Error = "ERROR",
    }
    tokens {
        ClassWord = "class", InterfaceWord = "interface", ObjectWord = "object", FunWord = "fun", Val = "val",
        Var = "var", Equals = "=", Colon = ":", Comma = ",", Dot = ".", SafeDot = "?.", ColonColon = "::",
        Star = "*", Arrow = "->", ElseWord = "else", WhileWord = "while", OpenBrace = "{", CloseBrace = "}",
        OpenParen = "(", CloseParen = ")", Semicolon = ";", Question = "?", SuspendWord = "suspend",
        Dynamic = "dynamic", NotIs = "!is", NotIn = "!in", SafeAs = "as?", NotNull = "!!", AsWord = "as",
        ThisWord = "this", SuperWord = "super", CompanionWord = "companion", EnumWord = "enum",
    }
}

impl Kind {
    pub(super) fn of(node: Node<'_>) -> Kind {
        static TABLE: OnceLock<Vec<Kind>> = OnceLock::new();
        let table = TABLE.get_or_init(|| {
            let language: Language = tree_sitter_kotlin_ng::LANGUAGE.into();
            let ids = 0..u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
            ids.map(|id| {
                let name = language.node_kind_for_id(id).unwrap_or("");
                kind_named(name, language.node_kind_is_named(id))
            })
            .collect()
        });
        let id = node.kind_id();
        // The error node has the highest id, outside the grammar's own.
        table.get(usize::from(id)).copied().unwrap_or(if id == u16::MAX { Kind::Error } else { Kind::Other })
    }

    pub(super) fn is_comment(self) -> bool {
        matches!(self, Kind::LineComment | Kind::BlockComment)
    }

    pub(super) fn is_type(self) -> bool {
        matches!(
            self,
            Kind::UserType
                | Kind::NullableType
                | Kind::NonNullableType
                | Kind::FunctionType
                | Kind::ParenthesizedType
                | Kind::Dynamic
        )
    }

    pub(super) fn is_declaration(self) -> bool {
        matches!(
            self,
            Kind::ClassDeclaration
                | Kind::ObjectDeclaration
                | Kind::FunctionDeclaration
                | Kind::PropertyDeclaration
                | Kind::TypeAlias
                | Kind::CompanionObject
                | Kind::AnonymousInitializer
                | Kind::SecondaryConstructor
        )
    }

    /// Nodes that stand as an expression or statement of their own.
    pub(super) fn is_expression(self) -> bool {
        self.is_declaration()
            || matches!(
                self,
                Kind::Assignment
                    | Kind::For
                    | Kind::While
                    | Kind::DoWhile
                    | Kind::Block
                    | Kind::Unary
                    | Kind::AnnotatedExpression
                    | Kind::Labeled
                    | Kind::Binary
                    | Kind::In
                    | Kind::Is
                    | Kind::As
                    | Kind::Spread
                    | Kind::Range
                    | Kind::Infix
                    | Kind::Call
                    | Kind::Lambda
                    | Kind::AnonymousFunction
                    | Kind::Index
                    | Kind::This
                    | Kind::Super
                    | Kind::If
                    | Kind::Parenthesized
                    | Kind::Collection
                    | Kind::When
                    | Kind::Try
                    | Kind::Return
                    | Kind::Throw
                    | Kind::CallableReference
                    | Kind::Navigation
                    | Kind::Object
                    | Kind::String
                    | Kind::RawString
                    | Kind::Character
                    | Kind::Number
                    | Kind::Float
                    | Kind::Identifier
                    | Kind::Error
            )
    }
}
