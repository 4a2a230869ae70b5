//! Broadcasts of the system: which reach receivers of the manifest, and which nobody else can send.

use crate::base::Name;

use crate::facts::manifest::ComponentKind;
use crate::findings::FileId;

use super::Model;
use super::calls::ArgValue;
use super::intents::{IntentValue, PendingKind};
use super::value::Const;

/// Implicit broadcasts that no receiver in a manifest gets from Android 8 on (targetSdk 26).
/// Source: developer.android.com/develop/background-work/background-tasks/broadcasts/broadcast-exceptions (what is not
/// on that list), developer.android.com/reference/android/content/Intent
const NOT_DELIVERED: [&str; 54] = [
    "android.bluetooth.adapter.action.CONNECTION_STATE_CHANGED",
    "android.bluetooth.adapter.action.DISCOVERY_FINISHED",
    "android.bluetooth.adapter.action.DISCOVERY_STARTED",
    "android.bluetooth.adapter.action.SCAN_MODE_CHANGED",
    "android.bluetooth.adapter.action.STATE_CHANGED",
    "android.intent.action.ACTION_POWER_CONNECTED",
    "android.intent.action.ACTION_POWER_DISCONNECTED",
    "android.intent.action.AIRPLANE_MODE",
    "android.intent.action.BATTERY_CHANGED",
    "android.intent.action.BATTERY_LOW",
    "android.intent.action.BATTERY_OKAY",
    "android.intent.action.CONFIGURATION_CHANGED",
    "android.intent.action.DATE_CHANGED",
    "android.intent.action.DOCK_EVENT",
    "android.intent.action.DREAMING_STARTED",
    "android.intent.action.DREAMING_STOPPED",
    "android.intent.action.HEADSET_PLUG",
    "android.intent.action.INPUT_METHOD_CHANGED",
    "android.intent.action.PACKAGES_SUSPENDED",
    "android.intent.action.PACKAGES_UNSUSPENDED",
    "android.intent.action.PACKAGE_ADDED",
    "android.intent.action.PACKAGE_CHANGED",
    "android.intent.action.PACKAGE_INSTALL",
    "android.intent.action.PACKAGE_REMOVED",
    "android.intent.action.PACKAGE_REPLACED",
    "android.intent.action.PACKAGE_RESTARTED",
    "android.intent.action.SCREEN_OFF",
    "android.intent.action.SCREEN_ON",
    "android.intent.action.TIME_TICK",
    "android.intent.action.UID_REMOVED",
    "android.intent.action.USER_BACKGROUND",
    "android.intent.action.USER_FOREGROUND",
    "android.intent.action.USER_PRESENT",
    "android.intent.action.USER_UNLOCKED",
    "android.intent.action.WALLPAPER_CHANGED",
    "android.location.MODE_CHANGED",
    "android.location.PROVIDERS_CHANGED",
    "android.media.AUDIO_BECOMING_NOISY",
    "android.media.RINGER_MODE_CHANGED",
    "android.media.VIBRATE_SETTING_CHANGED",
    "android.media.VOLUME_CHANGED_ACTION",
    "android.net.conn.BACKGROUND_DATA_SETTING_CHANGED",
    "android.net.conn.RESTRICT_BACKGROUND_CHANGED",
    "android.net.wifi.NETWORK_IDS_CHANGED",
    "android.net.wifi.RSSI_CHANGED",
    "android.net.wifi.SCAN_RESULTS",
    "android.net.wifi.STATE_CHANGE",
    "android.net.wifi.WIFI_STATE_CHANGED",
    "android.net.wifi.p2p.CONNECTION_STATE_CHANGE",
    "android.net.wifi.p2p.PEERS_CHANGED",
    "android.net.wifi.supplicant.CONNECTION_CHANGE",
    "android.net.wifi.supplicant.STATE_CHANGE",
    "android.nfc.action.ADAPTER_STATE_CHANGED",
    "android.os.action.POWER_SAVE_MODE_CHANGED",
];

/// Broadcasts that only the system may send, besides those of `PROTECTED_PREFIXES` and `NOT_DELIVERED`.
/// Source: the documentation of each action ("This is a protected intent that can only be sent by the system")
const PROTECTED: [&str; 60] = [
    "android.accounts.LOGIN_ACCOUNTS_CHANGED",
    "android.accounts.action.ACCOUNT_REMOVED",
    "android.app.action.APP_BLOCK_STATE_CHANGED",
    "android.app.action.AUTOMATIC_ZEN_RULE_STATUS_CHANGED",
    "android.app.action.DEVICE_OWNER_CHANGED",
    "android.app.action.ENTER_CAR_MODE",
    "android.app.action.ENTER_DESK_MODE",
    "android.app.action.EXIT_CAR_MODE",
    "android.app.action.EXIT_DESK_MODE",
    "android.app.action.INTERRUPTION_FILTER_CHANGED",
    "android.app.action.NEXT_ALARM_CLOCK_CHANGED",
    "android.app.action.NOTIFICATION_CHANNEL_BLOCK_STATE_CHANGED",
    "android.app.action.NOTIFICATION_POLICY_ACCESS_GRANTED_CHANGED",
    "android.app.action.NOTIFICATION_POLICY_CHANGED",
    "android.app.action.SCHEDULE_EXACT_ALARM_PERMISSION_STATE_CHANGED",
    "android.hardware.usb.action.USB_ACCESSORY_ATTACHED",
    "android.hardware.usb.action.USB_ACCESSORY_DETACHED",
    "android.hardware.usb.action.USB_DEVICE_ATTACHED",
    "android.hardware.usb.action.USB_DEVICE_DETACHED",
    "android.hardware.usb.action.USB_PORT_CHANGED",
    "android.hardware.usb.action.USB_STATE",
    "android.intent.action.ACTION_SHUTDOWN",
    "android.intent.action.APPLICATION_RESTRICTIONS_CHANGED",
    "android.intent.action.BOOT_COMPLETED",
    "android.intent.action.DEVICE_STORAGE_FULL",
    "android.intent.action.DEVICE_STORAGE_LOW",
    "android.intent.action.DEVICE_STORAGE_NOT_FULL",
    "android.intent.action.DEVICE_STORAGE_OK",
    "android.intent.action.EXTERNAL_APPLICATIONS_AVAILABLE",
    "android.intent.action.EXTERNAL_APPLICATIONS_UNAVAILABLE",
    "android.intent.action.LOCALE_CHANGED",
    "android.intent.action.LOCKED_BOOT_COMPLETED",
    "android.intent.action.MANAGED_PROFILE_ADDED",
    "android.intent.action.MANAGED_PROFILE_AVAILABLE",
    "android.intent.action.MANAGED_PROFILE_REMOVED",
    "android.intent.action.MANAGED_PROFILE_UNAVAILABLE",
    "android.intent.action.MANAGED_PROFILE_UNLOCKED",
    "android.intent.action.MEDIA_BAD_REMOVAL",
    "android.intent.action.MEDIA_CHECKING",
    "android.intent.action.MEDIA_EJECT",
    "android.intent.action.MEDIA_MOUNTED",
    "android.intent.action.MEDIA_NOFS",
    "android.intent.action.MEDIA_REMOVED",
    "android.intent.action.MEDIA_SCANNER_FINISHED",
    "android.intent.action.MEDIA_SCANNER_STARTED",
    "android.intent.action.MEDIA_SHARED",
    "android.intent.action.MEDIA_UNMOUNTABLE",
    "android.intent.action.MEDIA_UNMOUNTED",
    "android.intent.action.MY_PACKAGE_REPLACED",
    "android.intent.action.MY_PACKAGE_SUSPENDED",
    "android.intent.action.MY_PACKAGE_UNSUSPENDED",
    "android.intent.action.NEW_OUTGOING_CALL",
    "android.intent.action.PACKAGE_DATA_CLEARED",
    "android.intent.action.PACKAGE_FULLY_REMOVED",
    "android.intent.action.PACKAGE_NEEDS_VERIFICATION",
    "android.intent.action.PACKAGE_VERIFIED",
    "android.intent.action.PHONE_STATE",
    "android.intent.action.REBOOT",
    "android.intent.action.TIMEZONE_CHANGED",
    "android.intent.action.TIME_SET",
];
const PROTECTED_PREFIXES: [&str; 8] = [
    "android.bluetooth.",
    "android.net.conn.",
    "android.net.wifi.",
    "android.net.nsd.",
    "android.nfc.",
    "android.media.",
    "android.os.action.",
    "android.provider.Telephony.SMS_",
];
/// Broadcasts of the platform that other apps may send.
/// Source: developer.android.com/reference/android/app/DownloadManager, …/android/content/Intent
const OPEN: [&str; 8] = [
    "android.intent.action.DOWNLOAD_COMPLETE",
    "android.intent.action.DOWNLOAD_NOTIFICATION_CLICKED",
    "android.intent.action.MEDIA_BUTTON",
    "android.intent.action.MEDIA_SCANNER_SCAN_FILE",
    "android.intent.action.CAMERA_BUTTON",
    "android.intent.action.SEND",
    "android.intent.action.VIEW",
    "android.appwidget.action.APPWIDGET_UPDATE",
];

/// The action that an argument stands for, as the text that intents have.
pub fn action_of(arg: &ArgValue) -> Option<Name> {
    match arg.constant() {
        Some(Const::Str(text)) => return Some(text),
        Some(_) => return None,
        None => {}
    }
    action_text(arg.symbol()?)
}

/// The text of an action that is known by the qualified name of its constant; the name itself where nothing tells.
pub fn action_text(symbol: Name) -> Option<Name> {
    let (class, constant) = symbol.rsplit_once('.')?;
    let text = match class {
        "android.content.Intent" => intent_action(constant),
        "android.net.ConnectivityManager" if constant == "CONNECTIVITY_ACTION" => {
            "android.net.conn.CONNECTIVITY_CHANGE".to_owned()
        }
        "android.net.ConnectivityManager" => format!("android.net.conn.{constant}"),
        "android.net.wifi.WifiManager" | "android.net.wifi.p2p.WifiP2pManager" => {
            format!("android.net.wifi.{}", constant.trim_end_matches("_ACTION"))
        }
        "android.media.AudioManager" => format!("android.media.{}", constant.trim_start_matches("ACTION_")),
        "android.os.PowerManager" => format!("android.os.action.{}", constant.trim_start_matches("ACTION_")),
        "android.location.LocationManager" => {
            format!("android.location.{}", constant.trim_end_matches("_ACTION"))
        }
        "android.hardware.usb.UsbManager" => {
            format!("android.hardware.usb.action.{}", constant.trim_start_matches("ACTION_"))
        }
        "android.nfc.NfcAdapter" => format!("android.nfc.action.{}", constant.trim_start_matches("ACTION_")),
        "android.telephony.TelephonyManager" if constant == "ACTION_PHONE_STATE_CHANGED" => {
            "android.intent.action.PHONE_STATE".to_owned()
        }
        "android.app.NotificationManager" | "android.app.AlarmManager" | "android.app.UiModeManager" => {
            format!("android.app.action.{}", constant.trim_start_matches("ACTION_"))
        }
        "android.app.DownloadManager" => {
            format!("android.intent.action.{}", constant.trim_start_matches("ACTION_"))
        }
        "android.appwidget.AppWidgetManager" => {
            format!("android.appwidget.action.{}", constant.trim_start_matches("ACTION_"))
        }
        class if class.starts_with("android.bluetooth.") => format!("{class}.{constant}"),
        class if class.starts_with("android.provider.Telephony") => {
            format!("android.provider.Telephony.{}", constant.trim_end_matches("_ACTION"))
        }
        _ => return constant.contains("ACTION").then_some(symbol),
    };
    Some(Name::new(&text))
}

/// `Intent.ACTION_SCREEN_ON`: most are named after their text.
fn intent_action(constant: &str) -> String {
    match constant {
        "ACTION_POWER_CONNECTED" | "ACTION_POWER_DISCONNECTED" | "ACTION_SHUTDOWN" => {
            format!("android.intent.action.{constant}")
        }
        "ACTION_TIME_CHANGED" => "android.intent.action.TIME_SET".to_owned(),
        "ACTION_AIRPLANE_MODE_CHANGED" => "android.intent.action.AIRPLANE_MODE".to_owned(),
        _ => format!("android.intent.action.{}", constant.trim_start_matches("ACTION_")),
    }
}

/// Is it an implicit broadcast that a receiver of the manifest never gets (targetSdk 26)?
pub fn is_withheld(action: &str) -> bool {
    NOT_DELIVERED.contains(&action)
}

/// May only the system send it? None: nothing is known of the action.
pub fn is_protected(action: &str) -> Option<bool> {
    if OPEN.contains(&action) {
        return Some(false);
    }
    let known = NOT_DELIVERED.contains(&action)
        || PROTECTED.contains(&action)
        || PROTECTED_PREFIXES.iter().any(|prefix| action.starts_with(prefix));
    match known {
        true => Some(true),
        // The package of the documentation's examples, copied with them.
        false if action.starts_with("com.android.example.") => Some(false),
        false if action.starts_with("android.") || action.starts_with("com.android.") => None,
        false => Some(false),
    }
}

impl Model {
    /// The class of the component that an Intent made in this file names, or that has its action in the manifest, if it is
    /// for one app: `Intent("com.example.SYNC").setPackage(packageName)`. Without a kind it is taken for a broadcast.
    pub fn component_of(&self, file: FileId, intent: &IntentValue) -> Option<Name> {
        if intent.component.is_some() {
            return intent.component;
        }
        let action = intent.action.filter(|_| intent.packaged)?;
        let kind = match intent.pending {
            None | Some(PendingKind::Broadcast) => ComponentKind::Receiver,
            Some(PendingKind::Service | PendingKind::ForegroundService) => ComponentKind::Service,
            Some(PendingKind::Activity) => return None,
        };
        let module = self.project.module_of(file);
        let components =
            module.applications.iter().flat_map(|app| &self.project.module(*app).manifest.components);
        let mut takers = components.filter(|it| {
            it.kind == kind && it.filters.iter().flat_map(|it| &it.actions).any(|it| it.text == action)
        });
        takers.find_map(|it| it.class)
    }
}
