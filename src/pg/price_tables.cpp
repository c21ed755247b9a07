#include "pg/price_tables.hpp"

#include <cstdlib>
#include <utility>

#include "pg/raise.hpp"

namespace byok::pg {
namespace {

// Times as microseconds since 1970 and minutes of the day, so that the core needs no calendar of
// the server's.
// A bound that is not set stays so; one beyond four-digit years is cut: the server's calendar is
// longer than 64 bits of microseconds.
#define MICROS(bound)                                                                        \
  "(extract(epoch FROM CASE WHEN " bound " IS NOT NULL THEN least(greatest(" bound           \
  ", '0001-01-01 00:00+00'::pg_catalog.timestamptz), '9999-12-31 00:00+00') END) * 1000000)" \
  "::pg_catalog.int8"
#define MINUTES(time) "(extract(epoch FROM " time ") / 60)::pg_catalog.int4"

Statement read_prices = {
    "SELECT m.id, m.builtin, m.provider, m.model, " MICROS("nullif(pg_catalog.lower(m.effective), "
                                                           "'-infinity')") ", " MICROS(
        "nullif(pg_catalog.upper(m.effective), 'infinity')") ", " MINUTES("m.tod_from") ","
                                                                                        " " MINUTES("m.tod_to") R"(,
      coalesce(pg_catalog.lower(m.iso_dow), 1), coalesce(pg_catalog.upper(m.iso_dow), 8),
      coalesce(pg_catalog.lower(m.input_tokens), 0), pg_catalog.upper(m.input_tokens),
      m.input_usd_per_mtok, m.output_usd_per_mtok, m.cached_input_usd_per_mtok, m.cache_write_usd_per_mtok,
      m.cache_write_1h_usd_per_mtok, m.reasoning_usd_per_mtok, m.request_usd
    FROM @s@.model_prices m
   WHERE ($1 IS NULL OR m.provider = ANY ($1)) AND (NOT m.builtin OR pg_catalog.upper(m.effective) > $2 OR pg_catalog.upper_inf(m.effective)))",
    2,
    {TEXTARRAYOID, TIMESTAMPTZOID}};

Statement read_aliases = {R"(
  SELECT DISTINCT ON (a.provider, a.alias) a.provider, a.alias, a.model FROM @s@.model_aliases a
   WHERE $1 IS NULL OR a.provider = ANY ($1) ORDER BY a.provider, a.alias, a.builtin)",
                          1,
                          {TEXTARRAYOID}};

Statement read_rules = {
    "SELECT r.id, r.builtin, r.provider, r.key_source, r.markup, r.flat_usd, r.byok_fee, "
    "r.owner_kind, r.owner_id, " MICROS(
        "nullif(pg_catalog.lower(r.effective), '-infinity')") ", " MICROS("nullif(pg_catalog.upper("
                                                                          "r.effective), "
                                                                          "'infinity')") R"(
    FROM @s@.pricing_rules r
   WHERE ($1 IS NULL OR r.provider IS NULL OR r.provider = ANY ($1))
     AND (pg_catalog.upper(r.effective) > $2 OR pg_catalog.upper_inf(r.effective)))",
    2,
    {TEXTARRAYOID, TIMESTAMPTZOID}};

constexpr int kMaxColumns = 19;
struct Row {
  const char* column[kMaxColumns + 1];
};

std::optional<std::int64_t> Integer(const char* text) {
  return text == nullptr ? std::nullopt
                         : std::optional<std::int64_t>(std::strtoll(text, nullptr, 10));
}

std::optional<Usd> PerMillion(const char* text) {
  return text == nullptr ? std::nullopt : ParsePerMillion(text);
}

Status AddPrice(const Row& row, LoadedPrices& prices) {
  const auto& c = row.column;
  PriceRow price;
  price.id = *Integer(c[1]);
  price.builtin = *c[2] == 't';
  price.provider = c[3];
  price.model = c[4];
  price.effective_from = Integer(c[5]);
  price.effective_to = Integer(c[6]);
  price.minute_from = static_cast<int>(*Integer(c[7]));
  price.minute_to = static_cast<int>(*Integer(c[8]));
  price.weekday_from = static_cast<int>(*Integer(c[9]));
  price.weekday_to = static_cast<int>(*Integer(c[10]));
  price.tokens_from = *Integer(c[11]);
  price.tokens_to = Integer(c[12]);
  price.rates.input = PerMillion(c[13]).value_or(Usd());
  price.rates.output = PerMillion(c[14]).value_or(Usd());
  price.rates.cached_input = PerMillion(c[15]);
  price.rates.cache_write = PerMillion(c[16]);
  price.rates.cache_write_1h = PerMillion(c[17]);
  price.rates.reasoning = PerMillion(c[18]);
  price.rates.per_request = Usd::Parse(c[19]).value_or(Usd());
  prices.rows.push_back(std::move(price));
  return {};
}

Status AddAlias(const Row& row, LoadedPrices& prices) {
  prices.aliases.push_back({row.column[1], row.column[2], row.column[3]});
  return {};
}

Status AddRule(const Row& row, LoadedPrices& prices) {
  const auto& c = row.column;
  PricingRule rule;
  rule.id = *Integer(c[1]);
  rule.builtin = *c[2] == 't';
  if (c[3] != nullptr) rule.provider = c[3];
  rule.key_source = ParseKeySource(c[4]).value_or(KeySource::kSystemKey);
  rule.markup = Factor::Parse(c[5]).value_or(Factor());
  rule.flat = Usd::Parse(c[6]).value_or(Usd());
  rule.fee = Factor::Parse(c[7]).value_or(Factor::FromTenThousandths(0));
  if (c[8] != nullptr) rule.payer = Payer{c[8], c[9]};
  rule.effective_from = Integer(c[10]);
  rule.effective_to = Integer(c[11]);
  prices.rules.push_back(std::move(rule));
  return {};
}

using AddRow = Status (*)(const Row&, LoadedPrices&);

void Read(Statement& statement, const Extension& extension, const Parameter* parameters,
          int columns, AddRow add, LoadedPrices* prices) {
  Execute(statement, extension, parameters, false);
  for (uint64 i = 0; i < SPI_processed; ++i) {
    Row row;
    for (int column = 1; column <= columns; ++column) row.column[column] = Column(i, column);
    RunCore([&row, add, prices] { return add(row, *prices); });
  }
}

}  // namespace

void LoadPrices(const Extension& extension, const Parameter& providers, TimestampTz at,
                LoadedPrices* prices) {
  const OwnerSection section = BeginOwnerSection(extension);
  const Parameter parameters[] = {providers, TimestampParameter(at)};
  Read(read_prices, extension, parameters, 19, AddPrice, prices);
  Read(read_aliases, extension, parameters, 3, AddAlias, prices);
  Read(read_rules, extension, parameters, 11, AddRule, prices);
  EndOwnerSection(section);
}

PriceBook BookOf(LoadedPrices& loaded) {
  return {PriceTable(std::move(loaded.rows), std::move(loaded.aliases)), std::move(loaded.rules)};
}

PriceTime PriceTimeOf(TimestampTz at) {
  constexpr std::int64_t kEpochShift =  // between 1970 and the server's epoch, 2000
      static_cast<std::int64_t>(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
  return {at + kEpochShift};
}

}  // namespace byok::pg
