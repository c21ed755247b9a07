#pragma once

namespace byok {

/// When a call may be served by the platform's key, which may newly charge the user.
enum class PlatformKeys {
  kMissingOnly,  ///< when neither tenant nor user has a key (default)
  kNever,        ///< never
  kAnyFailure,   ///< also when the provider rejects, limits or fails the tenant's or user's key
};

}  // namespace byok
