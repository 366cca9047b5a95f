# Which of our strings answers which message key of the org, for every language.
#
# The id is `okta-` and the key, each character other than a letter, a digit or _ replaced by -.
# `.heading` is there for messages that fill a page. A key that is not here is shown in the org's own
# words. An operator's <language>/okta.ftl replaces single ids.
#
# An id that ends in -any answers every longer key that begins like it and has no answer of its own.

### Who is signing in: one text, whether or not there is such an account

okta-errors-E0000004 = { bad-credentials }
okta-idx-unknown-user = { bad-credentials }
okta-errors-E0000207 = { bad-credentials }
okta-errors-E0000095 = { bad-credentials }
okta-incorrectPassword = { wrong-password }
okta-error-username-required = { enter-username }
okta-error-password-required = { enter-password }
okta-errors-E0000069 = { account-locked-text }
    .heading = { account-locked }
okta-errors-E0000119 = { account-locked-text }
    .heading = { account-locked }
okta-error-auth-lockedOut = { account-locked-text }
    .heading = { account-locked }

### Codes

okta-api-authn-error-PASSCODE_INVALID = { code-wrong }
okta-authfactor-challenge-soft_token-invalid_passcode = { code-wrong }
okta-idx-invalid-device-code = { code-wrong }
okta-errors-E0000068 = { code-wrong }
okta-authfactor-challenge-soft_token-used_passcode = { code-used }
okta-errors-E0000082 = { code-used }
okta-errors-E0000106 = { code-next }
okta-errors-E0000113 = { code-next }
okta-authfactor-challenge-suspended_factor = { method-blocked }
okta-errors-E0000150 = { too-many-texts }
okta-errors-E0000151 = { too-many-calls }
okta-errors-E0000109 = { just-sent-one }
okta-errors-E0000133 = { just-sent-one }
okta-api-factors-error-sms-invalid_phone = { phone-invalid }
okta-errors-E0000098 = { phone-invalid }

### Push, passkeys, other methods

okta-api-authn-poll-error-push_rejected = { push-rejected-not-you }
okta-errors-E0000073 = { push-rejected-not-you }
okta-oktaverify-rejected = { push-rejected }
okta-core-auth-factor-signedNonce-error-any = { device-not-checked }
okta-authfactor-webauthn-error-any = { passkey-failed }
okta-passkeys-authfactor-webauthn-error-any = { passkey-failed }
okta-oie-authenticator-verify-error-fail = { verify-failed }
okta-oie-authenticator-enroll-error-fail = { set-up-failed }
okta-oie-authenticator-app-method-any = { okta-verify-update }
okta-oie-authenticator-oktaverify-method-any = { okta-verify-update }
okta-oie-authenticator-app-method-push-force-upgrade-any = { okta-verify-update-only }
okta-oie-authenticator-app-non_fips_compliant_enrollment_app_update_required = { okta-verify-update-only }
okta-oie-authenticator-app-non_fips_compliant_enrollment_device_incompatible = { okta-verify-device-unfit }
okta-oie-authenticator-custom_app-method-any = { app-turn-on-biometrics }
okta-enroll-hotp-restricted = { ask-support-to-set-up }
okta-securityQuestion-answer-tooShort-arg = { answer-too-short }
okta-securityQuestion-answer-tagsNotAllowed = { answer-no-tags }
okta-securityQuestion-question-tagsNotAllowed = { answer-no-tags }
okta-tagsNotAllowed = { answer-no-tags }
okta-errors-E0000087 = { answer-wrong }
okta-authfactor-challenge-question_factor-answer_invalid = { answer-wrong }

### Passwords

okta-password-passwordRequirementsNotMet = { password-not-met }
okta-registration-error-password-any = { password-not-met }
okta-errors-E0000080 = { password-not-met }
okta-password-common = { password-common }
okta-app-ldap-password-reset-failed = { password-not-changed }
okta-errors-E0000017 = { password-not-changed }
okta-errors-E0000035 = { password-not-changed }
okta-api-users-auth-error-POST_PASSWORD_UPDATE_AUTH_FAILURE = { password-changed-no-sign-in }
    .heading = { password-changed }
okta-idx-password-expiring-message = { password-expiring-text }
okta-idx-recovery-completed = { password-changed-text }
    .heading = { password-changed }

### Creating an account

okta-registration-error-invalidLoginEmail = { email-invalid }
okta-registration-error-invalidLoginEmail-Email = { email-invalid }
okta-registration-error-doesNotMatchPattern = { check-format-of }
okta-registration-error-doesNotMatchPattern-Email = { email-invalid }
okta-registration-error-doesNotMatchPattern-custom = { check-format-of }
okta-registration-error-notUniqueWithinOrg = { not-unique }
okta-registration-error-notUniqueWithinOrg-Email = { not-unique-email }
okta-registration-error-notUniqueWithinOrg-custom = { not-unique }
okta-registration-error-generic = { registration-failed }
okta-registration-error-request-not-completed = { registration-failed }
okta-oie-registration-request-not-completed = { registration-failed }
okta-idx-error-registration-unavailable = { cant-register-text }
    .heading = { cant-register }
okta-oie-registration-is-not-enabled = { cant-register-text }
    .heading = { cant-register }
okta-idx-email-verification-required = { check-email-to-finish-text }
    .heading = { check-email-to-finish }
okta-idx-request-activation-email = { new-link-sent }
    .heading = { request-received }
okta-idx-expired-activation-token = { link-expired-text }
    .heading = { link-expired }
okta-idx-missing-activation-token = { link-broken-text }
    .heading = { link-broken }
okta-idx-activating-inactive-user = { contact-support-text }
    .heading = { account-suspended }

### Links of e-mails

okta-idx-return-link-expired = { link-no-longer-works-text }
    .heading = { link-no-longer-works }
okta-idx-return-stale = { link-no-longer-works-text }
    .heading = { link-no-longer-works }
okta-idx-return-error = { link-no-longer-works-text }
    .heading = { link-no-longer-works }
okta-idx-return-to-original-tab = { that-worked-text }
    .heading = { that-worked }
okta-idx-transferred-to-new-tab = { continued-elsewhere-text }
    .heading = { continued-elsewhere }
okta-idx-enter-otp-in-original-tab = { your-code-text }
    .heading = { your-code }
okta-idx-operation-cancelled-by-user = { sign-in-stopped-text }
    .heading = { sign-in-stopped }
okta-idx-operation-cancelled-on-other-device = { sign-in-stopped-text }
    .heading = { sign-in-stopped }
okta-idx-session-expired = { session-expired-text }
    .heading = { session-expired }
okta-error-expired-session = { session-expired-text }
    .heading = { session-expired }
okta-core-system-transaction_resource_not_found = { no-answer-in-time-text }
    .heading = { no-answer-in-time }

### Recovery and unlocking

okta-idx-invalid-forgot-password-token = { link-no-longer-works-text }
    .heading = { link-no-longer-works }
okta-idx-invalid-reset-password-token = { link-no-longer-works-text }
    .heading = { link-no-longer-works }
okta-oie-invalid-recovery-token = { link-no-longer-works-text }
    .heading = { link-no-longer-works }
okta-errors-E0000105 = { link-no-longer-works-text }
    .heading = { link-no-longer-works }
okta-errors-E0000110 = { link-no-longer-works-text }
    .heading = { link-no-longer-works }
okta-oie-selfservice-reset-password-not-allowed = { contact-support-text }
    .heading = { cant-reset-here }
okta-errors-E0000034 = { contact-support-text }
    .heading = { cant-reset-here }
okta-idx-reset-password-activating-user = { contact-support-text }
    .heading = { cant-reset-here }
okta-oie-forgot-password-is-not-enabled = { contact-support-text }
    .heading = { cant-reset-here }
okta-oie-selfservice-unlock_user-success-message = { unlocked-text }
    .heading = { unlocked }
okta-oie-selfservice-unlock_user-landing-to-app-success-message = { unlocked-text }
    .heading = { unlocked }
okta-oie-selfservice-unlock_user-failed-message = { contact-support-text }
    .heading = { cant-unlock }
okta-oie-selfservice-unlock_user-challenge-failed-permissions = { contact-support-text }
    .heading = { cant-unlock }
okta-oie-selfservice-user-unlock-not-allowed = { contact-support-text }
    .heading = { cant-unlock }
okta-errors-E0000032 = { contact-support-text }
    .heading = { cant-unlock }

### No way on

okta-idx-error-user-not-assigned-to-app = { no-access-text }
    .heading = { no-access }
okta-idx-error-code-user_not_assigned = { no-access-text }
    .heading = { no-access }
okta-security-access_denied = { cant-sign-in-here-text }
    .heading = { cant-sign-in-here }
okta-security-access_denied_custom_message = { cant-sign-in-here-text }
    .heading = { cant-sign-in-here }
okta-errors-E0000006 = { cant-sign-in-here-text }
    .heading = { cant-sign-in-here }
okta-oie-assurance-unsatisfiable = { contact-support-text }
    .heading = { no-accepted-method }
okta-api-policy-okta-account-management-any = { contact-support-text }
    .heading = { no-accepted-method }
okta-idx-identity-provider-auth-error = { provider-failed-text }
    .heading = { provider-failed-unnamed }
okta-error-jit_failure = { provider-failed-text }
    .heading = { provider-failed-unnamed }
okta-oie-feature-disabled = { not-set-up-text }
    .heading = { not-set-up }
okta-oie-configuration-error = { not-set-up-text }
    .heading = { not-set-up }
okta-tooManyRequests = { too-many-attempts-text }
    .heading = { too-many-attempts }
okta-oie-tooManyRequests = { too-many-attempts-text }
    .heading = { too-many-attempts }
okta-api-error-field_required = { page-out-of-date }
okta-E0000047 = { too-many-attempts-text }
    .heading = { too-many-attempts }
okta-errors-E0000047 = { too-many-attempts-text }
    .heading = { too-many-attempts }
okta-E0000009 = { something-went-wrong-text }
    .heading = { something-went-wrong }
okta-E0000010 = { something-went-wrong-text }
    .heading = { something-went-wrong }
okta-E0000020 = { something-went-wrong-text }
    .heading = { something-went-wrong }
okta-errors-E0000009 = { something-went-wrong-text }
    .heading = { something-went-wrong }
okta-errors-E0000010 = { something-went-wrong-text }
    .heading = { something-went-wrong }
okta-errors-E0000020 = { something-went-wrong-text }
    .heading = { something-went-wrong }
okta-oform-error-unexpected = { something-went-wrong-text }
    .heading = { something-went-wrong }
okta-idx-error-server-safe-mode-any = { cant-set-up-now-text }
    .heading = { cant-set-up-now }
okta-idx-device-activated = { device-connected-text }
    .heading = { device-connected }
okta-idx-device-not-activated-any = { device-not-connected-text }
    .heading = { device-not-connected }
okta-idx-error-code-access_denied-device_assurance-remediation-title = { device-attention-text }
    .heading = { device-attention }
okta-idx-device_assurance-grace_period-warning-title-due_by_date = { device-grace }
okta-oie-authenticator-duo-any = { method-not-usable-unnamed }
    .heading = { method-not-usable }
okta-api-authenticator-error-nfc-pin_incorrect = { code-wrong }
okta-api-authenticator-error-nfc-any = { method-not-usable-unnamed }
    .heading = { method-not-usable }
okta-oie-authenticator-oktaverify-fastpass-blocked_shared_device = { device-shared }
    .heading = { method-not-usable }

### What a device must change

okta-idx-error-code-access_denied-device_assurance-remediation-android-upgrade_os_version = { device-update-android }
okta-idx-error-code-access_denied-device_assurance-remediation-ios-upgrade_os_version = { device-update-ios }
okta-idx-error-code-access_denied-device_assurance-remediation-macos-upgrade_os_version = { device-update-macos }
okta-idx-error-code-access_denied-device_assurance-remediation-windows-upgrade_os_version = { device-update-windows }
okta-idx-error-code-access_denied-device_assurance-remediation-chromeos-upgrade_os_version = { device-update-chromeos }
okta-idx-error-code-access_denied-device_assurance-remediation-android-use_lock_screen = { device-lock-screen }
okta-idx-error-code-access_denied-device_assurance-remediation-android-use_biometric_lock_screen = { device-biometrics }
okta-idx-error-code-access_denied-device_assurance-remediation-android-device_disk_encrypted = { device-encrypt }
okta-idx-error-code-access_denied-device_assurance-remediation-ios-use_lock_screen = { device-lock-screen }
okta-idx-error-code-access_denied-device_assurance-remediation-ios-use_biometric_lock_screen = { device-biometrics }
okta-idx-error-code-access_denied-device_assurance-remediation-ios-device_disk_encrypted = { device-encrypt }
okta-idx-error-code-access_denied-device_assurance-remediation-macos-use_lock_screen = { device-lock-screen }
okta-idx-error-code-access_denied-device_assurance-remediation-macos-use_biometric_lock_screen = { device-touch-id }
okta-idx-error-code-access_denied-device_assurance-remediation-macos-device_disk_encrypted = { device-encrypt }
okta-idx-error-code-access_denied-device_assurance-remediation-windows-use_lock_screen = { device-lock-screen }
okta-idx-error-code-access_denied-device_assurance-remediation-windows-use_biometric_lock_screen = { device-windows-hello }
okta-idx-error-code-access_denied-device_assurance-remediation-windows-device_disk_encrypted = { device-encrypt }
okta-idx-error-code-access_denied-device_assurance-remediation-chromeos-use_lock_screen = { device-lock-screen }
okta-idx-error-code-access_denied-device_assurance-remediation-chromeos-use_biometric_lock_screen = { device-biometrics }
okta-idx-error-code-access_denied-device_assurance-remediation-chromeos-device_disk_encrypted = { device-encrypt }
okta-idx-error-code-access_denied-device_assurance-remediation-android-zero-trust-android_device_policy_app_required = { device-policy-app }
okta-idx-error-code-access_denied-device_assurance-remediation-android-zero-trust-android_device_policy_app_required_manual_install = { device-policy-app-manual }
okta-idx-error-code-access_denied-device_assurance-remediation-explanation_one_rule = { device-one-rule }
okta-idx-error-code-access_denied-device_assurance-remediation-explanation_multiple_rules = { device-several-rules }
okta-idx-error-code-access_denied-device_assurance-remediation-additional_help_default = { device-help-text }
okta-idx-error-code-access_denied-device_assurance-remediation-additional_help_custom = { device-help-text }

### Where neither we nor the org has words

okta-unknown = { something-went-wrong-text }
    .heading = { something-went-wrong }
