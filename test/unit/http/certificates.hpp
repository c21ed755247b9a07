#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace byok::http::test {

/// A directory that goes with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "byok-http-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::string File(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct CertificateTerms {
  std::string common_name = "Test Server";
  std::string alternative_name = "IP:127.0.0.1";
  long valid_from = -3600;  ///< seconds from now
  long valid_to = 3600;
  bool authority = false;
};

/// A key and its certificate, made for one test.
class Identity {
 public:
  /// Self-signed when there is no issuer.
  explicit Identity(const CertificateTerms& terms, const Identity* issuer = nullptr)
      : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free), certificate_(X509_new(), &X509_free) {
    X509* const x509 = certificate_.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), NextSerial());
    X509_gmtime_adj(X509_getm_notBefore(x509), terms.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(x509), terms.valid_to);
    X509_set_pubkey(x509, key_.get());
    Name(terms.common_name);
    const Identity& signer = issuer != nullptr ? *issuer : *this;
    X509_set_issuer_name(x509, X509_get_subject_name(signer.certificate_.get()));
    Extend(NID_basic_constraints, terms.authority ? "critical,CA:TRUE" : "CA:FALSE");
    Extend(NID_subject_alt_name, terms.alternative_name);
    X509_sign(x509, signer.key_.get(), EVP_sha256());
  }

  void WriteCertificate(const std::string& path) const {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate_.get());
    std::fclose(file);
  }
  void WriteKey(const std::string& path) const {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }

 private:
  static long NextSerial() {
    static long serial = 0;
    return ++serial;
  }
  void Name(const std::string& common_name) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate_.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
  }
  void Extend(int nid, const std::string& value) {
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()), &X509_EXTENSION_free);
    X509_add_ext(certificate_.get(), extension.get(), -1);
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

}  // namespace byok::http::test
