# When a device does not meet a policy. Steps that are not here are the org's own words, in the page's language,
# and those that an administrator wrote always are. $p0 is the version to update to.

device-attention = Your device needs attention
device-attention-text = It doesn’t meet your organization’s security rules yet. Do this, then try again:
device-option = Option { $n }
device-grace = Your device doesn’t meet your organization’s security rules. Fix it by { $date }, or you can’t sign in.
device-grace-undated = Your device doesn’t meet your organization’s security rules. Fix it soon, or you can’t sign in.
device-help = How to fix it
continue-to-app = Continue to the app
device-not-registered-text = Contact support to register it.
device-shared = This device is shared, so this method can’t be used on it.
device-update-android = Update to Android { $p0 }
device-update-ios = Update to iOS { $p0 }
device-update-macos = Update to macOS { $p0 }
device-update-windows = Update to Windows { $p0 }
device-update-chromeos = Update to ChromeOS { $p0 }
device-lock-screen = Enable lock screen
device-biometrics = Enable lock screen and biometrics
device-windows-hello = Enable lock screen and Windows Hello
device-touch-id = Enable lock screen and Touch ID
device-encrypt = Encrypt your device
device-policy-app = Install the Android Device Policy app on this device
device-policy-app-manual = Go to Settings in Okta Verify and follow the instructions to install the Android Device Policy app
device-one-rule = To sign in, make these changes. Then open the app again.
device-several-rules = To sign in, choose one option and make its changes. Then open the app again.
device-help-text = Your organization’s help page or your support team can tell you more.
