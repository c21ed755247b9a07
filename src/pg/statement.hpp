#pragma once

#include "pg/pg.hpp"

namespace byok::pg {

/// Where the extension lives, for the running function. PODs only.
struct Extension {
  Oid schema = InvalidOid;
  const char* quoted_schema = nullptr;
  Oid owner = InvalidOid;
};

/// From the function's own catalog row, never by search_path.
Extension ExtensionOf(FunctionCallInfo fcinfo);
/// From pg_extension, for a process without a function; false when the database has none.
bool FindExtension(Extension* extension);

constexpr int kMaxParameters = 16;

/// One SQL statement of ours. `@s@` in its text stands for the extension's schema; parameters are
/// $n. It is prepared once per process and again when the schema was renamed.
struct Statement {
  const char* text;
  int parameter_count;
  Oid types[kMaxParameters];
  SPIPlanPtr plan = nullptr;
  char* prepared_for = nullptr;  ///< quoted schema the plan was made for
};

/// Runs as the extension's owner, whatever the caller may do, and with a search_path in which no
/// operator or function of the caller's stands before the server's; the caller's rights are checked
/// before, in gate.hpp. Opened by BeginOwnerSection, closed by EndOwnerSection; an ERROR in between
/// is cleaned up by the transaction.
struct OwnerSection {
  Oid caller;
  int security_context;
  int settings;  ///< the level of settings to go back to
};
OwnerSection BeginOwnerSection(const Extension& extension);
void EndOwnerSection(const OwnerSection& section);

/// A parameter; `null` makes it NULL.
struct Parameter {
  Datum value = 0;
  bool null = true;
};
Parameter TextParameter(const char* utf8);  ///< nullptr = NULL
Parameter UuidParameter(const char* text);
Parameter JsonbParameter(const char* utf8);
Parameter NumericParameter(const char* decimal);
Parameter TimestampParameter(TimestampTz at);
Parameter IntParameter(int value);
Parameter LongParameter(int64 value);
Parameter ByteaParameter(const unsigned char* bytes, size_t size);
Parameter BoolParameter(bool value);
/// text[] of UTF-8 strings.
Parameter TextArrayParameter(const char* const* texts, int count);

/// Inside an owner section: runs the statement; rows are then in SPI_tuptable / SPI_processed.
void Execute(Statement& statement, const Extension& extension, const Parameter* parameters,
             bool read_only);
/// The same with a snapshot taken now, whatever the isolation level: sees what others committed
/// meanwhile and all that this transaction did. For checks that must not be fooled by an old one.
void ExecuteFresh(Statement& statement, const Extension& extension, const Parameter* parameters);
/// Column (from 1) of a row of the last Execute as UTF-8 text; nullptr for NULL. Lives until
/// EndOwnerSection.
const char* Column(uint64 row, int column);

}  // namespace byok::pg
