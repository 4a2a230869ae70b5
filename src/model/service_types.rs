//! The types a foreground service may have: their names, constants, permissions, limits. Source of the table:
//! developer.android.com/develop/background-work/services/fgs/service-types, constants of
//! android.content.pm.ServiceInfo; limits: developer.android.com/about/versions/15/behavior-changes-15.

use crate::base::Name;

/// One foreground service type.
#[derive(Debug)]
pub struct ServiceType {
    /// As in the manifest.
    pub name: &'static str,
    /// `FOREGROUND_SERVICE_TYPE_…` of ServiceInfo.
    pub constant: &'static str,
    pub bit: i64,
    /// The permission of the type, needed from targetSdk 34 on.
    pub permission: Option<&'static str>,
    /// At least one of these is needed as well.
    pub any_of: &'static [&'static str],
    /// targetSdk from which a BOOT_COMPLETED receiver may not start it.
    pub not_from_boot: Option<u32>,
    /// targetSdk from which the system limits its time.
    pub timeout: Option<u32>,
    /// Bound to while-in-use permissions: cannot be started in the background.
    pub while_in_use: bool,
}

impl ServiceType {
    const fn new(
        name: &'static str,
        constant: &'static str,
        bit: i64,
        permission: &'static str,
    ) -> ServiceType {
        ServiceType {
            name,
            constant,
            bit,
            permission: Some(permission),
            any_of: &[],
            not_from_boot: None,
            timeout: None,
            while_in_use: false,
        }
    }
}

/// All types, by name.
pub static SERVICE_TYPES: [ServiceType; 14] = [
    ServiceType {
        any_of: &["android.permission.CAMERA"],
        not_from_boot: Some(35),
        while_in_use: true,
        ..ServiceType::new(
            "camera",
            "FOREGROUND_SERVICE_TYPE_CAMERA",
            0x40,
            "android.permission.FOREGROUND_SERVICE_CAMERA",
        )
    },
    ServiceType {
        any_of: &[
            "android.permission.BLUETOOTH_CONNECT",
            "android.permission.BLUETOOTH_ADVERTISE",
            "android.permission.BLUETOOTH_SCAN",
            "android.permission.CHANGE_NETWORK_STATE",
            "android.permission.CHANGE_WIFI_STATE",
            "android.permission.CHANGE_WIFI_MULTICAST_STATE",
            "android.permission.NFC",
            "android.permission.TRANSMIT_IR",
            "android.permission.UWB_RANGING",
        ],
        ..ServiceType::new(
            "connectedDevice",
            "FOREGROUND_SERVICE_TYPE_CONNECTED_DEVICE",
            0x10,
            "android.permission.FOREGROUND_SERVICE_CONNECTED_DEVICE",
        )
    },
    ServiceType {
        not_from_boot: Some(35),
        timeout: Some(35),
        ..ServiceType::new(
            "dataSync",
            "FOREGROUND_SERVICE_TYPE_DATA_SYNC",
            0x1,
            "android.permission.FOREGROUND_SERVICE_DATA_SYNC",
        )
    },
    ServiceType {
        any_of: &[
            "android.permission.ACTIVITY_RECOGNITION",
            "android.permission.HIGH_SAMPLING_RATE_SENSORS",
            "android.permission.BODY_SENSORS",
            "android.permission.health.READ_HEART_RATE",
            "android.permission.health.READ_SKIN_TEMPERATURE",
            "android.permission.health.READ_OXYGEN_SATURATION",
        ],
        ..ServiceType::new(
            "health",
            "FOREGROUND_SERVICE_TYPE_HEALTH",
            0x100,
            "android.permission.FOREGROUND_SERVICE_HEALTH",
        )
    },
    ServiceType {
        any_of: &["android.permission.ACCESS_COARSE_LOCATION", "android.permission.ACCESS_FINE_LOCATION"],
        while_in_use: true,
        ..ServiceType::new(
            "location",
            "FOREGROUND_SERVICE_TYPE_LOCATION",
            0x8,
            "android.permission.FOREGROUND_SERVICE_LOCATION",
        )
    },
    ServiceType {
        not_from_boot: Some(35),
        ..ServiceType::new(
            "mediaPlayback",
            "FOREGROUND_SERVICE_TYPE_MEDIA_PLAYBACK",
            0x2,
            "android.permission.FOREGROUND_SERVICE_MEDIA_PLAYBACK",
        )
    },
    ServiceType {
        timeout: Some(35),
        ..ServiceType::new(
            "mediaProcessing",
            "FOREGROUND_SERVICE_TYPE_MEDIA_PROCESSING",
            0x2000,
            "android.permission.FOREGROUND_SERVICE_MEDIA_PROCESSING",
        )
    },
    ServiceType {
        not_from_boot: Some(35),
        ..ServiceType::new(
            "mediaProjection",
            "FOREGROUND_SERVICE_TYPE_MEDIA_PROJECTION",
            0x20,
            "android.permission.FOREGROUND_SERVICE_MEDIA_PROJECTION",
        )
    },
    ServiceType {
        any_of: &["android.permission.RECORD_AUDIO"],
        not_from_boot: Some(34),
        while_in_use: true,
        ..ServiceType::new(
            "microphone",
            "FOREGROUND_SERVICE_TYPE_MICROPHONE",
            0x80,
            "android.permission.FOREGROUND_SERVICE_MICROPHONE",
        )
    },
    ServiceType {
        any_of: &["android.permission.MANAGE_OWN_CALLS"],
        not_from_boot: Some(35),
        ..ServiceType::new(
            "phoneCall",
            "FOREGROUND_SERVICE_TYPE_PHONE_CALL",
            0x4,
            "android.permission.FOREGROUND_SERVICE_PHONE_CALL",
        )
    },
    ServiceType::new(
        "remoteMessaging",
        "FOREGROUND_SERVICE_TYPE_REMOTE_MESSAGING",
        0x200,
        "android.permission.FOREGROUND_SERVICE_REMOTE_MESSAGING",
    ),
    ServiceType {
        permission: None,
        timeout: Some(34),
        ..ServiceType::new("shortService", "FOREGROUND_SERVICE_TYPE_SHORT_SERVICE", 0x800, "")
    },
    ServiceType::new(
        "specialUse",
        "FOREGROUND_SERVICE_TYPE_SPECIAL_USE",
        0x4000_0000,
        "android.permission.FOREGROUND_SERVICE_SPECIAL_USE",
    ),
    ServiceType::new(
        "systemExempted",
        "FOREGROUND_SERVICE_TYPE_SYSTEM_EXEMPTED",
        0x400,
        "android.permission.FOREGROUND_SERVICE_SYSTEM_EXEMPTED",
    ),
];

/// `FOREGROUND_SERVICE_TYPE_MANIFEST`: all types of the manifest.
pub const TYPES_OF_MANIFEST: i64 = -1;

/// The type of a name in the manifest.
pub fn type_named(name: &str) -> Option<&'static ServiceType> {
    SERVICE_TYPES.iter().find(|ty| ty.name == name)
}

/// The value of a constant of `ServiceInfo`.
pub(super) fn constant(name: &str) -> Option<i64> {
    match name {
        "FOREGROUND_SERVICE_TYPE_MANIFEST" => Some(TYPES_OF_MANIFEST),
        "FOREGROUND_SERVICE_TYPE_NONE" => Some(0),
        _ => SERVICE_TYPES.iter().find(|ty| ty.constant == name).map(|ty| ty.bit),
    }
}

/// The types in a set of bits.
pub fn types_in(bits: i64) -> impl Iterator<Item = &'static ServiceType> {
    SERVICE_TYPES.iter().filter(move |ty| bits & ty.bit != 0)
}

/// The bits of names in a manifest. None if one is no type: a placeholder, a resource, a mistake.
pub fn bits_of(names: &[Name]) -> Option<i64> {
    names.iter().try_fold(0, |bits, name| Some(bits | type_named(name)?.bit))
}

/// `camera and location`, for messages.
pub fn words(bits: i64) -> String {
    let names: Vec<&str> = types_in(bits).map(|ty| ty.name).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}
