# When a device does not meet a policy. The single steps of a device check are the org's own words,
# in the page's language: there are dozens, and they change with what it checks.

device-attention = Your device needs attention
device-attention-text = It doesn’t meet your organization’s security rules yet. Do this, then try again:
device-option = Option { $n }
device-grace = Your device doesn’t meet your organization’s security rules. Fix it by { $date }, or you can’t sign in.
device-grace-undated = Your device doesn’t meet your organization’s security rules. Fix it soon, or you can’t sign in.
device-help = How to fix it
continue-to-app = Continue to the app
device-not-registered = Your device is not registered
device-not-registered-text = Contact support to register it.
device-unchecked = We couldn’t check your device
device-shared = This device is shared, so this method can’t be used on it.
