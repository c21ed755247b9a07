#pragma once

#include <openssl/err.h>
#include <openssl/rand.h>

namespace byok {

// OpenSSL 3 deprecates the method table, and has no other way to make its generator fail.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// While it lives, OpenSSL's random generator fails, and says so in the queue of errors.
class NoRandomnessHere {
 public:
  /// The generator is made first: a method set before that leaks what OpenSSL makes of it at exit.
  NoRandomnessHere() {
    unsigned char byte = 0;
    RAND_bytes(&byte, 1);
    RAND_set_rand_method(&kFailing);
  }
  ~NoRandomnessHere() { RAND_set_rand_method(nullptr); }
  NoRandomnessHere(const NoRandomnessHere&) = delete;
  NoRandomnessHere& operator=(const NoRandomnessHere&) = delete;

 private:
  static int Fail(unsigned char*, int) {
    ERR_raise(ERR_LIB_RAND, ERR_R_INTERNAL_ERROR);
    return 0;
  }
  static constexpr RAND_METHOD kFailing = {nullptr, Fail, nullptr, nullptr, Fail, nullptr};
};

#pragma GCC diagnostic pop

}  // namespace byok
