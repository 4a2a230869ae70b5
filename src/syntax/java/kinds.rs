//! The grammar's node kinds and fields as enums, looked up by number once per process: a node costs an array access.

use std::num::NonZeroU16;
use std::sync::LazyLock;

use tree_sitter::Node;

/// Declares an enum whose variants stand for the grammar's names, so that every name is written once.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($variant,)* Other }

        impl $name {
            fn of(text: &str) -> $name {
                match text { $($text => $name::$variant,)* _ => $name::Other }
            }
        }
    };
}

names! {
    /// What a node is; `Other` is everything lowering never asks about.
    Kind {
        Error = "ERROR",
        Program = "program",
        LineComment = "line_comment",
        BlockComment = "block_comment",
        Package = "package_declaration",
        Import = "import_declaration",
        Asterisk = "asterisk",
        ScopedIdentifier = "scoped_identifier",
        Identifier = "identifier",
        // Declarations.
        Class = "class_declaration",
        Interface = "interface_declaration",
        Enum = "enum_declaration",
        Record = "record_declaration",
        AnnotationType = "annotation_type_declaration",
        ClassBody = "class_body",
        InterfaceBody = "interface_body",
        EnumBody = "enum_body",
        EnumBodyDeclarations = "enum_body_declarations",
        AnnotationTypeBody = "annotation_type_body",
        EnumConstant = "enum_constant",
        Field = "field_declaration",
        Constant = "constant_declaration",
        AnnotationElement = "annotation_type_element_declaration",
        Method = "method_declaration",
        Constructor = "constructor_declaration",
        CompactConstructor = "compact_constructor_declaration",
        ConstructorBody = "constructor_body",
        StaticInitializer = "static_initializer",
        ConstructorCall = "explicit_constructor_invocation",
        Superclass = "superclass",
        SuperInterfaces = "super_interfaces",
        ExtendsInterfaces = "extends_interfaces",
        TypeList = "type_list",
        TypeParameters = "type_parameters",
        TypeParameter = "type_parameter",
        TypeBound = "type_bound",
        FormalParameters = "formal_parameters",
        FormalParameter = "formal_parameter",
        SpreadParameter = "spread_parameter",
        InferredParameters = "inferred_parameters",
        Throws = "throws",
        Modifiers = "modifiers",
        MarkerAnnotation = "marker_annotation",
        Annotation = "annotation",
        AnnotationArguments = "annotation_argument_list",
        ElementPair = "element_value_pair",
        ElementArray = "element_value_array_initializer",
        Declarator = "variable_declarator",
        Dimensions = "dimensions",
        // Types.
        AnnotatedType = "annotated_type",
        ArrayType = "array_type",
        GenericType = "generic_type",
        TypeArguments = "type_arguments",
        Wildcard = "wildcard",
        ScopedType = "scoped_type_identifier",
        TypeIdentifier = "type_identifier",
        VoidType = "void_type",
        IntegralType = "integral_type",
        FloatingType = "floating_point_type",
        BooleanType = "boolean_type",
        // Statements.
        Block = "block",
        ExpressionStatement = "expression_statement",
        LocalVariable = "local_variable_declaration",
        Labeled = "labeled_statement",
        If = "if_statement",
        While = "while_statement",
        Do = "do_statement",
        For = "for_statement",
        ForEach = "enhanced_for_statement",
        Assert = "assert_statement",
        Break = "break_statement",
        Continue = "continue_statement",
        Return = "return_statement",
        Yield = "yield_statement",
        Synchronized = "synchronized_statement",
        Throw = "throw_statement",
        Try = "try_statement",
        TryWithResources = "try_with_resources_statement",
        Resources = "resource_specification",
        Resource = "resource",
        Catch = "catch_clause",
        CatchParameter = "catch_formal_parameter",
        CatchType = "catch_type",
        Finally = "finally_clause",
        // Switches.
        Switch = "switch_expression",
        SwitchBlock = "switch_block",
        SwitchGroup = "switch_block_statement_group",
        SwitchRule = "switch_rule",
        SwitchLabel = "switch_label",
        Pattern = "pattern",
        TypePattern = "type_pattern",
        RecordPattern = "record_pattern",
        RecordPatternBody = "record_pattern_body",
        RecordPatternComponent = "record_pattern_component",
        Guard = "guard",
        // Expressions.
        Assignment = "assignment_expression",
        Binary = "binary_expression",
        InstanceOf = "instanceof_expression",
        Lambda = "lambda_expression",
        Ternary = "ternary_expression",
        Update = "update_expression",
        Unary = "unary_expression",
        Cast = "cast_expression",
        Parenthesized = "parenthesized_expression",
        Creation = "object_creation_expression",
        FieldAccess = "field_access",
        ArrayAccess = "array_access",
        Invocation = "method_invocation",
        ArgumentList = "argument_list",
        MethodReference = "method_reference",
        ArrayCreation = "array_creation_expression",
        DimensionsExpr = "dimensions_expr",
        ArrayInitializer = "array_initializer",
        ClassLiteral = "class_literal",
        Template = "template_expression",
        Interpolation = "string_interpolation",
        StringFragment = "string_fragment",
        MultilineFragment = "multiline_string_fragment",
        Escape = "escape_sequence",
        This = "this",
        Super = "super",
        DecimalInt = "decimal_integer_literal",
        HexInt = "hex_integer_literal",
        OctalInt = "octal_integer_literal",
        BinaryInt = "binary_integer_literal",
        DecimalFloat = "decimal_floating_point_literal",
        HexFloat = "hex_floating_point_literal",
        True = "true",
        False = "false",
        Char = "character_literal",
        String = "string_literal",
        Null = "null_literal",
        // Tokens.
        OpenBrace = "{",
        CloseBrace = "}",
        OpenBracket = "[",
        PlusPlus = "++",
        ClassToken = "class",
        InterfaceToken = "interface",
        EnumToken = "enum",
        RecordToken = "record",
        AtInterfaceToken = "@interface",
        NewToken = "new",
        StaticToken = "static",
        DefaultToken = "default",
        PublicToken = "public",
        ProtectedToken = "protected",
        PrivateToken = "private",
        AbstractToken = "abstract",
        FinalToken = "final",
        SynchronizedToken = "synchronized",
        NativeToken = "native",
        SealedToken = "sealed",
    }
}

names! {
    /// The field a child stands in; `Other` is none, or one lowering never asks about.
    Field {
        Alternative = "alternative",
        Arguments = "arguments",
        Array = "array",
        Body = "body",
        Condition = "condition",
        Consequence = "consequence",
        Constructor = "constructor",
        Declarator = "declarator",
        Dimensions = "dimensions",
        Element = "element",
        Selected = "field",
        Index = "index",
        Init = "init",
        Key = "key",
        Left = "left",
        Name = "name",
        Object = "object",
        Operand = "operand",
        Operator = "operator",
        Parameters = "parameters",
        Pattern = "pattern",
        Resources = "resources",
        Right = "right",
        Type = "type",
        TypeArguments = "type_arguments",
        TypeParameters = "type_parameters",
        Update = "update",
        Value = "value",
    }
}

/// The number of ERROR in every grammar.
const ERROR: u16 = u16::MAX;

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let language = tree_sitter::Language::new(tree_sitter_java::LANGUAGE);
    let ids = 0..u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
    ids.map(|id| language.node_kind_for_id(id).map_or(Kind::Other, Kind::of)).collect()
});

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let language = tree_sitter::Language::new(tree_sitter_java::LANGUAGE);
    let ids = 0..=u16::try_from(language.field_count()).unwrap_or(u16::MAX);
    ids.map(|id| language.field_name_for_id(id).map_or(Field::Other, Field::of)).collect()
});

pub(super) fn kind(node: Node) -> Kind {
    match node.kind_id() {
        ERROR => Kind::Error,
        id => KINDS.get(usize::from(id)).copied().unwrap_or(Kind::Other),
    }
}

pub(super) fn field(id: Option<NonZeroU16>) -> Field {
    id.and_then(|id| FIELDS.get(usize::from(id.get())).copied()).unwrap_or(Field::Other)
}

impl Kind {
    /// Whether children of such a node can stand in fields that lowering asks for. Asking the tree costs as much
    /// as stepping to the next child, so lists and wrappers spare it.
    pub(super) fn has_fields(self) -> bool {
        !matches!(
            self,
            Kind::Block
                | Kind::ArgumentList
                | Kind::ExpressionStatement
                | Kind::Parenthesized
                | Kind::Modifiers
                | Kind::TypeArguments
                | Kind::GenericType
                | Kind::ScopedType
                | Kind::FormalParameters
                | Kind::ClassBody
                | Kind::Program
                | Kind::Return
                | Kind::Throw
                | Kind::Throws
                | Kind::Superclass
                | Kind::SuperInterfaces
                | Kind::TypeList
                | Kind::Import
                | Kind::Update
                | Kind::String
                | Kind::SwitchGroup
                | Kind::SwitchLabel
                | Kind::SwitchRule
                | Kind::SwitchBlock
                | Kind::ArrayInitializer
                | Kind::ElementArray
                | Kind::AnnotationArguments
                | Kind::MethodReference
                | Kind::ClassLiteral
                | Kind::CatchType
                | Kind::Finally
        )
    }

    pub(super) fn is_comment(self) -> bool {
        matches!(self, Kind::LineComment | Kind::BlockComment)
    }

    pub(super) fn is_annotation(self) -> bool {
        matches!(self, Kind::Annotation | Kind::MarkerAnnotation)
    }

    pub(super) fn is_type_declaration(self) -> bool {
        matches!(self, Kind::Class | Kind::Interface | Kind::Enum | Kind::Record | Kind::AnnotationType)
    }

    /// Declarations that stand in a type's body only.
    pub(super) fn is_member(self) -> bool {
        matches!(
            self,
            Kind::Method
                | Kind::Constructor
                | Kind::CompactConstructor
                | Kind::Field
                | Kind::Constant
                | Kind::EnumConstant
                | Kind::EnumBodyDeclarations
                | Kind::AnnotationElement
                | Kind::StaticInitializer
        )
    }

    pub(super) fn is_type(self) -> bool {
        matches!(
            self,
            Kind::AnnotatedType
                | Kind::ArrayType
                | Kind::GenericType
                | Kind::ScopedType
                | Kind::TypeIdentifier
                | Kind::VoidType
                | Kind::IntegralType
                | Kind::FloatingType
                | Kind::BooleanType
        )
    }

    pub(super) fn is_statement(self) -> bool {
        matches!(
            self,
            Kind::Block
                | Kind::ExpressionStatement
                | Kind::LocalVariable
                | Kind::Labeled
                | Kind::If
                | Kind::While
                | Kind::Do
                | Kind::For
                | Kind::ForEach
                | Kind::Assert
                | Kind::Break
                | Kind::Continue
                | Kind::Return
                | Kind::Yield
                | Kind::Synchronized
                | Kind::Throw
                | Kind::Try
                | Kind::TryWithResources
                | Kind::ConstructorCall
                | Kind::Switch
        ) || self.is_type_declaration()
    }

    pub(super) fn is_expression(self) -> bool {
        matches!(
            self,
            Kind::Assignment
                | Kind::Binary
                | Kind::InstanceOf
                | Kind::Lambda
                | Kind::Ternary
                | Kind::Update
                | Kind::Unary
                | Kind::Cast
                | Kind::Switch
                | Kind::Parenthesized
                | Kind::Creation
                | Kind::FieldAccess
                | Kind::ArrayAccess
                | Kind::Invocation
                | Kind::MethodReference
                | Kind::ArrayCreation
                | Kind::ArrayInitializer
                | Kind::ElementArray
                | Kind::ClassLiteral
                | Kind::Template
                | Kind::Identifier
                | Kind::ScopedIdentifier
                | Kind::This
                | Kind::Super
        ) || self.is_literal()
            || self.is_annotation()
    }

    pub(super) fn is_literal(self) -> bool {
        matches!(
            self,
            Kind::DecimalInt
                | Kind::HexInt
                | Kind::OctalInt
                | Kind::BinaryInt
                | Kind::DecimalFloat
                | Kind::HexFloat
                | Kind::True
                | Kind::False
                | Kind::Char
                | Kind::String
                | Kind::Null
        )
    }
}
