#include "keyring/aes_gcm.hpp"

#include <climits>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace byok {
namespace {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Cipher = std::unique_ptr<EVP_CIPHER, FreeWith<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, FreeWith<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, FreeWith<EVP_KDF_CTX_free>>;

/// The host has an error queue of its own in this thread (TLS of the server, of libcurl): ours
/// must not leave anything in it.
struct EmptyErrorQueue {
  EmptyErrorQueue() = default;
  EmptyErrorQueue(const EmptyErrorQueue&) = delete;
  EmptyErrorQueue& operator=(const EmptyErrorQueue&) = delete;
  ~EmptyErrorQueue() { ERR_clear_error(); }
};

// Fetched once per process: a fetch costs more than the cryptography it is for.
const EVP_CIPHER* Aes256Gcm() {
  static const Cipher cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return cipher.get();
}

EVP_KDF* Hkdf() {
  static const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  return kdf.get();
}

enum class Direction { kOpen = 0, kSeal = 1 };

/// A context that has taken key, nonce and additional data; null when OpenSSL refuses or a size is
/// wrong.
CipherContext Start(Direction direction, ByteView key, ByteView nonce, ByteView aad) {
  if (key.size() != kAesKeySize || nonce.size() != kGcmNonceSize || aad.size() > INT_MAX) {
    return nullptr;
  }
  const EVP_CIPHER* cipher = Aes256Gcm();
  CipherContext context(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || !context) return nullptr;
  if (EVP_CipherInit_ex2(context.get(), cipher, key.data(), nonce.data(),
                         static_cast<int>(direction), nullptr) != 1) {
    return nullptr;
  }
  int length = 0;
  if (!aad.empty() && EVP_CipherUpdate(context.get(), nullptr, &length, aad.data(),
                                       static_cast<int>(aad.size())) != 1) {
    return nullptr;
  }
  return context;
}

/// GCM is a stream cipher: as many bytes leave as entered, and finishing adds none.
bool Transform(EVP_CIPHER_CTX* context, ByteView in, std::uint8_t* out) {
  if (in.empty()) return true;
  int length = 0;
  return in.size() <= INT_MAX &&
         EVP_CipherUpdate(context, out, &length, in.data(), static_cast<int>(in.size())) == 1 &&
         static_cast<std::size_t>(length) == in.size();
}

/// Computes the tag, or when opening compares it.
bool Finish(EVP_CIPHER_CTX* context) {
  std::uint8_t none[EVP_MAX_BLOCK_LENGTH];
  int length = 0;
  return EVP_CipherFinal_ex(context, none, &length) == 1;
}

bool GetTag(EVP_CIPHER_CTX* context, std::uint8_t* tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kGcmTagSize, tag) == 1;
}

bool SetTag(EVP_CIPHER_CTX* context, ByteView tag) {
  // The interface predates const; it only reads.
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kGcmTagSize,
                             const_cast<std::uint8_t*>(tag.data())) == 1;
}

OSSL_PARAM OctetsParam(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                           bytes.size());
}

}  // namespace

std::optional<Bytes> AesGcmSeal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) {
  const EmptyErrorQueue clear_on_return;
  const CipherContext context = Start(Direction::kSeal, key, nonce, aad);
  if (!context) return std::nullopt;
  Bytes sealed(plaintext.size() + kGcmTagSize);
  if (!Transform(context.get(), plaintext, sealed.data()) || !Finish(context.get()) ||
      !GetTag(context.get(), sealed.data() + plaintext.size())) {
    return std::nullopt;
  }
  return sealed;
}

std::optional<Secret> AesGcmOpen(ByteView key, ByteView nonce, ByteView aad,
                                 ByteView ciphertext_and_tag) {
  if (ciphertext_and_tag.size() < kGcmTagSize) return std::nullopt;
  const EmptyErrorQueue clear_on_return;
  const CipherContext context = Start(Direction::kOpen, key, nonce, aad);
  if (!context) return std::nullopt;
  const std::size_t size = ciphertext_and_tag.size() - kGcmTagSize;
  Secret plaintext(size);
  if (!Transform(context.get(), ciphertext_and_tag.first(size), plaintext.mutable_bytes().data()) ||
      !SetTag(context.get(), ciphertext_and_tag.subspan(size)) || !Finish(context.get())) {
    return std::nullopt;
  }
  return plaintext;
}

Secret HkdfSha256(ByteView key, ByteView salt, std::string_view info, std::size_t size) {
  const EmptyErrorQueue clear_on_return;
  const KdfContext context(Hkdf() == nullptr ? nullptr : EVP_KDF_CTX_new(Hkdf()));
  if (!context) return {};
  char digest[] = "SHA256";
  OSSL_PARAM params[5];
  OSSL_PARAM* next = params;
  *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
  *next++ = OctetsParam(OSSL_KDF_PARAM_KEY, key);
  if (!info.empty()) *next++ = OctetsParam(OSSL_KDF_PARAM_INFO, AsBytes(info));
  if (!salt.empty()) *next++ = OctetsParam(OSSL_KDF_PARAM_SALT, salt);
  *next = OSSL_PARAM_construct_end();
  Secret derived(size);
  if (EVP_KDF_derive(context.get(), derived.mutable_bytes().data(), size, params) != 1) return {};
  return derived;
}

bool FillRandom(std::span<std::uint8_t> out) {
  const EmptyErrorQueue clear_on_return;
  return out.size() <= INT_MAX && RAND_priv_bytes(out.data(), static_cast<int>(out.size())) == 1;
}

}  // namespace byok
