// Pairs of answers of our own: what a reader takes for the same, and what for different.
#include <gtest/gtest.h>

#include "consensus/agreement.hpp"
#include "consensus/panel.hpp"

namespace byok {
namespace {

struct Pairs {
  const char* answer;
  std::vector<const char*> same;
  std::vector<const char*> different;
};

double ScoreOf(const char* a, const char* b, const char* question = "") {
  return MeasureAgreement(question, Panel({a, b})).pairs.at(0).score;
}

void ExpectTold(const std::vector<Pairs>& table, const char* question = "") {
  for (const auto& [answer, same, different] : table) {
    for (const char* other : same) {
      EXPECT_GE(ScoreOf(answer, other, question), 0.5) << answer << " = " << other;
    }
    for (const char* other : different) {
      EXPECT_LT(ScoreOf(answer, other, question), kSameFrom) << answer << " ≠ " << other;
    }
  }
}

TEST(FinalPairs, TakeNoWordForYesOrNoThatOnlyBeginsLikeOne) {
  ExpectTold({{"yes", {"Yes.", "Sí", "sí!", "oui,"}, {"six", "dad", "jar", "no"}},
              {"no", {"No.", "Nein!", "não"}, {"now", "nom", "yes"}},
              {"now", {"Now."}, {"no"}}});
}

TEST(FinalPairs, TellSignsOperatorsAndCurrenciesApart) {
  ExpectTold({{"-5", {"−5", "minus 5"}, {"5", "+5"}},
              {"C++", {"c++", "C++."}, {"C#", "C"}},
              {"O+", {"O+."}, {"O-", "O"}},
              {"x<2", {"x < 2"}, {"x>2", "x=2"}},
              {"x+y", {"x+y."}, {"x-y", "x/y"}},
              {"y=3x+2", {"y=3x+2."}, {"y=3x-2"}},
              {"H2O", {"H₂O", "h2o", "H2O."}, {"H2O2", "HO2"}},
              {"2:3", {"2:3."}, {"3:2"}},
              {"192.168.0.1", {"192.168.0.1."}, {"192.168.0.2"}},
              {"GPT-4", {"GPT4", "gpt-4"}, {"GPT-4o", "GPT-3"}},
              {"$5", {"5 dollars", "5", "USD 5", "US$5"}, {"€5", "5 euros", "£5"}},
              {"10^6", {"10⁶", "1,000,000", "$10^6$", "one million"}, {"10", "10^5"}},
              {"√2", {"sqrt(2)", "1.414"}, {"2", "√3"}},
              {"Yes!", {"yes", "**Yes**"}, {"no"}},
              {"co-op", {"co op", "Co-op."}, {}}});
}

TEST(FinalPairs, TellNumbersInSentencesThatAreOtherwiseAlikeApart) {
  ExpectTold(
      {{"The treaty was signed in 1815.",
        {"The treaty was signed in 1815 in Vienna.", "It was in 1815 that the treaty was signed"},
        {"The treaty was signed in 1817.", "It was in 1817 that the treaty was signed"}},
       {"The bridge is 120 metres long.",
        {"The bridge is 120 metres long!", "The length of the bridge is 120 metres."},
        {"The bridge is 150 metres long."}},
       {"She was born on 3 May 1912 in Leeds.",
        {"She was born in Leeds on 3 May 1912."},
        {"She was born on 7 May 1921 in Leeds."}}});
}

TEST(FinalPairs, CountTheCharactersOfAShortAnswer) {
  ExpectTold({{"примерно 42 килограмма", {"примерно 42 килограмма."}, {"примерно 43 килограмма"}}});
}

TEST(FinalPairs, ReadLetters) {
  ExpectTold({{"B",
               {"option B", "B, because it is the largest.", "B because it is the largest of all",
                "(b)", "\\boxed{\\textbf{(B)}}", "Answer: (B) Paris", "The answer is option B.",
                "**B**", "B) Paris", "(B) Paris is the largest city of the country"},
               {"option C", "C, because it is the largest.", "(c)", "\\boxed{\\textbf{(C)}}",
                "Answer: (C) Lyon"}},
              {"A for loop", {}, {"A due date", "A"}},
              {"A, since it is the largest", {"A", "(A)"}, {"B, since it is the largest"}},
              {"A cat because it is small and quiet", {}, {"A"}}});
}

TEST(FinalPairs, TakeNoInitialForALetter) {
  ExpectTold({{"J. R. R. Tolkien", {"J.R.R. Tolkien"}, {"J. K. Rowling"}},
              {"A. Einstein", {"Albert Einstein", "A. Einstein."}, {"A. Lincoln", "B. Russell"}},
              {"A. Paris", {"A", "A. Paris.", "The answer is A. Paris"}, {"B. Paris", "B"}}});
  ExpectTold({{"B", {"J. K. Rowling", "B. J. K. Rowling"}, {"J. R. R. Tolkien", "A"}}},
             "Who wrote it?\nA) J. R. R. Tolkien\nB) J. K. Rowling");
}

TEST(FinalPairs, CompareStopWordsWhereNothingElseIsLeft) {
  ExpectTold({{"USA",
               {"US", "U.S.", "the U.S.A.", "the USA", "It is the USA that has it"},
               {"UK", "France"}},
              {"One", {"1", "one.", "only one"}, {"2", "Two"}},
              {"May", {"in May", "It was in May."}, {"June", "It was in June."}},
              {"WHO", {"the WHO"}, {"UNO", "NATO"}},
              {"World War I", {"World War 1", "World War One"}, {"World War II", "World War 2"}},
              {"Vitamin C", {"It is vitamin C."}, {"Vitamin D", "Vitamin K"}},
              {"Vitamin D", {"It is vitamin D."}, {"Vitamin C", "Vitamin E"}},
              {"Henry VIII", {"It was Henry VIII."}, {"Henry VII", "Henry V"}},
              {"Elizabeth I", {"Queen Elizabeth I"}, {"Elizabeth II"}}});
}

TEST(FinalPairs, ReadFractionsPowersAndLatex) {
  ExpectTold(
      {{"1/2", {"0.5", "\\frac{1}{2}", "\\boxed{\\dfrac{1}{2}}", "½", "50%"}, {"1/3", "12", "2"}},
       {"1 1/2", {"1.5", "1½", "3/2"}, {"11/2", "1/2", "2.5"}},
       {"2×10^3", {"2000", "2e3", "2 \\times 10^{3}", "2·10³"}, {"2×10^4", "210^3", "20"}},
       {"\\boxed{12{,}000}", {"12,000", "12\\,000", "12000"}, {"12", "1200"}},
       {"\\sqrt{2}", {"√2", "1.4142"}, {"\\sqrt{3}", "2"}},
       {"6.02×10^23", {"6.02e23", "6.02 x 10²³"}, {"6.02×10^22", "6.02"}},
       {"10^-3", {"0.001", "10⁻³"}, {"1000", "10^3"}},
       {"50%", {"0.5", "50 percent", "50\\%", "1/2"}, {"50", "5%", "0.05"}},
       {"-\\frac{3}{4}", {"-0.75", "-3/4"}, {"0.75", "3/4"}},
       {"CO2", {"CO₂"}, {"NO2"}}});
}

TEST(FinalPairs, ReadUnitsWithPrefixes) {
  ExpectTold(
      {{"60 W", {"60 watts", "0.06 kW"}, {"60 kW", "60 V", "60 J"}},
       {"2.5 V", {"2500 mV", "2.5 volts"}, {"2.5 mV", "2.5 J"}},
       {"3 GHz", {"3000 MHz", "3 gigahertz"}, {"3 MHz", "3 GB"}},
       {"101.325 kPa", {"101,325 Pa", "1 atm"}, {"101.325 Pa", "101.325 MPa"}},
       {"1 kWh", {"3.6 MJ", "1 kilowatt-hour"}, {"1 kW", "1 MWh"}},
       {"10 newtons", {"10 N", "10 Newtons"}, {"10 J", "10 kg", "10 kN"}},
       {"9.8 m/s²", {"9.8 meters per second squared", "9.81 m/s^2"}, {"9.8 m/s", "9.2 m/s²"}},
       {"299,792 kilometers per second", {"299,792,458 m/s"}, {"299,792 m/s"}},
       {"2 mol", {"2 moles", "2000 mmol"}, {"2 mmol", "3 mol"}}});
}

TEST(FinalPairs, TellDirectionsApart) {
  ExpectTold({{"40° N", {"40°N", "40 degrees north", "40°"}, {"40° S", "41° N"}},
              {"The latitude is 40° N.", {"40° N"}, {"The latitude is 40° S."}},
              {"40 degrees south", {"40° S"}, {"40 degrees north"}},
              {"40.7128° N, 74.0060° W", {"40.7128°N, 74.0060°W"}, {"40.7128° N, 74.0060° E"}},
              {"5 miles north", {"5 miles"}, {"5 miles south", "5 miles west"}}});
}

TEST(FinalPairs, ReadAmountsOfAThing) {
  ExpectTold({{"1 tbsp", {"1 tablespoon", "3 tsp", "3 teaspoons"}, {"1 tsp"}},
              {"1 tbsp of salt", {"3 tsp of salt"}, {"1 tsp of salt"}},
              {"2 kg of apples", {"2000 g of apples"}, {"2 g of apples", "3 kg of apples"}}});
}

TEST(FinalPairs, ReadOneAmountWhereAnotherUnitStandsInBrackets) {
  ExpectTold({{"8,849 m", {"8,849 m (29,032 ft)", "8,849 metres (29,032 feet)"}, {"8,611 m"}},
              {"100°C (212°F)", {"100 °C", "212 °F"}, {"100 °F", "90 °C (194 °F)"}},
              {"404 (Not Found)", {"404", "404 Not Found"}, {"403", "not 404"}},
              {"5 (or 6)", {}, {"7"}}});
}

TEST(FinalPairs, ReadWhatANamedQuantityIs) {
  ExpectTold({{"v = 25 m/s", {"25 m/s", "90 km/h"}, {"v = 25 km/h", "v = 52 m/s"}},
              {"g = 9.8", {"9.8", "9.8 m/s²"}, {"9.7"}},
              {"x = -3", {"-3", "x = −3"}, {"3", "x = 3"}}});
}

TEST(FinalPairs, ReadFractionsInWords) {
  ExpectTold({{"half", {"1/2", "0.5", "50%", "one half", "a half"}, {"a third", "1/4", "2"}},
              {"one third", {"1/3", "a third", "one-third", "0.333"}, {"two thirds", "3", "third"}},
              {"three quarters", {"3/4", "75%", "three fourths"}, {"3/5", "a quarter", "3"}},
              {"one and a half", {"1.5", "1½", "3/2"}, {"two and a half", "0.5", "1"}},
              {"two and a half hours", {"2.5 hours", "150 minutes"}, {"2 hours", "1.5 hours"}},
              {"five and half min", {"5 and a half minutes"}, {"5 min", "4.5 min"}},
              {"half an hour", {"30 minutes", "0.5 hours", "half hour"}, {"an hour", "20 minutes"}},
              {"a quarter of an hour", {"15 minutes"}, {"30 minutes"}},
              {"half a million", {"500,000"}, {"a million", "5 million"}},
              {"third", {"3rd", "the third"}, {"1/3", "fourth"}},
              {"a third party", {"a third party."}, {"1/3"}},
              {"the first half", {"first half"}, {"1/2", "0.5", "the second half"}},
              {"⅓", {"1/3", "0.333"}, {"2/3", "⅔"}},
              {"5⁄6", {"5/6", "⅚"}, {"1/6"}}});
}

TEST(FinalPairs, ReadMultiplesOfPi) {
  ExpectTold({{"2π", {"6.28", "2\\pi", "2 pi"}, {"π", "3π", "2"}},
              {"\\frac{\\pi}{4}", {"π/4", "pi/4", "0.785"}, {"π/2", "4"}},
              {"π", {"3.14", "3.14159", "pi"}, {"3.15", "2π"}}});
}

TEST(FinalPairs, ReadFormulasAsWhatTheyAreWorth) {
  ExpectTold(
      {{"x^2 + 3x + 2",
        {"x² + 3x + 2", "$x^2+3x+2$", "(x+1)(x+2)", "(x + 2)(x + 1)", "f(x) = x^2 + 3x + 2"},
        {"x^2 + 3x - 2", "x^2 - 3x + 2", "x^2 + 2x + 3", "x^3 + 3x + 2", "(x-1)(x+2)"}},
       {"y = 2x + 3", {"y=2x+3", "2x + 3", "2x - y + 3 = 0"}, {"y = 3x + 2", "y = 2x - 3"}},
       {"\\frac{x+1}{2}", {"(x+1)/2", "0.5(x+1)"}, {"x + 1/2", "\\frac{x-1}{2}"}},
       {"\\frac{\\sqrt{3}}{2}", {"√3/2", "0.866", "sqrt(3)/2"}, {"√2/2", "√3"}},
       {"1 + √5", {"$1+\\sqrt{5}$", "3.236"}, {"1 - √5", "1 + √3"}},
       {"\\ln 2", {"ln(2)", "0.693"}, {"ln 3", "2"}},
       {"-\\cos(x) + C", {"-cos x + C", "C - cos(x)"}, {"cos(x) + C", "sin(x) + C"}},
       {"\\frac{x^3}{3} + C", {"(1/3)x^3 + C", "x³/3 + C"}, {"x^3 + C", "3x^2 + C"}},
       {"O(n log n)", {"$O(n \\log n)$", "O(n*log n)"}, {"O(n)", "O(log n)", "O(n^2 log n)"}},
       {"O(n²)", {"O(n^2)", "O(N^2)"}, {"O(2^n)", "O(n)"}},
       {"F = ma", {"F = m × a", "F=m*a"}, {"F = mv", "E = ma"}},
       {"E = mc²", {"$E = mc^2$", "E=mc^2"}, {"E = mc", "E = m²c"}},
       {"2πr", {"2\\pi r", "2*pi*r"}, {"πr²", "πr"}},
       {"48 + 24 = 72", {"72", "72."}, {"48", "24"}},
       {"x ≥ 3", {"3 ≤ x", "x >= 3"}, {"x ≤ 3", "x > 3", "x ≥ 4"}},
       {"-2 < x < 5", {"-2<x<5", "5 > x > -2"}, {"-2 < x < 6", "-5 < x < 2"}},
       {"e^2", {"e²", "7.389"}, {"e^3", "2^e"}}});
}

TEST(FinalPairs, TellNumbersOfLettersFromNumbers) {
  ExpectTold({{"3x", {"3x.", "$3x$", "three x", "3 times"}, {"3", "3y", "2x", "3x^2"}},
              {"2y", {"2y."}, {"2", "2x"}},
              {"5a", {"5a."}, {"5b", "5"}},
              {"5", {"x = 5", "5 m", "5m"}, {"5x"}}});
}

TEST(FinalPairs, ReadListsOfNumbers) {
  ExpectTold({{"(1, 2)", {"(1,2)", "\\left(1, 2\\right)"}, {"(1, 3)", "(2, 1)", "1.2"}},
              {"(3, -4)", {"\\boxed{(3,-4)}", "x = 3, y = -4"}, {"(-3, 4)", "(-4, 3)"}},
              {"1, 2, 3", {"{1, 2, 3}", "3, 2 and 1", "[1, 2, 3]"}, {"1, 2", "1, 2, 4"}},
              {"[1, 2, 3]", {"[1,2,3]"}, {"[3, 2, 1]", "[1, 2]"}},
              {"x = 2 or x = 3", {"2 and 3", "x = 3, x = 2"}, {"x = 2", "2", "2 and 5"}},
              {"[0, 1)", {"[0,1)"}, {"(0, 1]", "[0, 1]"}},
              {"(-\\infty, 2]", {"(-∞, 2]"}, {"(-∞, 2)", "[2, ∞)"}},
              {"(x, y) = (1, 2)", {"(1, 2)", "x = 1, y = 2"}, {"(2, 1)"}},
              {"A and C", {"A, C", "C and A"}, {"B and C", "A, B, C"}},
              {"12,000", {"12000"}, {"12, 0", "(12, 0)"}},
              {"3,5", {"3.5"}, {"(3, 5)"}}});
}

TEST(FinalPairs, ReadTheOneAmountOfASentence) {
  ExpectTold({{"The war ended on September 2, 1945.",
               {"September 2, 1945", "It ended on 2 September 1945.", "1945-09-02"},
               {"September 3, 1945", "The war ended on September 3, 1945.",
                "The war ended on 2 October 1945."}},
              {"The speed limit is 65 mph.",
               {"65 mph", "65 miles per hour", "about 105 km/h"},
               {"65 km/h", "55 mph"}},
              {"The mountain is 8,849 metres tall.",
               {"8,849 m", "29,032 feet"},
               {"8,849 feet", "8,611 m"}},
              {"Water boils at 100 °C at sea level.", {"100 °C", "212 °F"}, {"100 °F", "90 °C"}},
              {"The meeting is at 3:30 PM.", {"3:30 PM", "15:30"}, {"3:30 AM", "4:30 PM"}},
              {"The shop opened in May 1937 with 3 clerks.", {}, {"July 1937"}},
              {"The bridge was opened in 1937.", {"1937", "In 1937."}, {"1936"}},
              {"It was not on May 3, 1912.", {}, {"May 3, 1912"}},
              {"It began in the 1960s", {"the 1960s"}, {"the 1970s"}}});
}

TEST(FinalPairs, TellRatiosApart) {
  ExpectTold({{"The ratio is 3:2.",
               {"3:2", "3 to 2", "a ratio of 3:2"},
               {"2:3", "3:1", "The ratio is 2:3."}},
              {"Genesis 1:1", {"Genesis 1:1."}, {"Genesis 1:2"}},
              {"9:00 - 17:00", {"9:00-17:00"}, {}}});
}

TEST(FinalPairs, ReadInitials) {
  ExpectTold({{"United States", {"USA", "US", "U.S.", "the U.S.A."}, {"UK", "Mexico"}},
              {"United Kingdom", {"UK", "U.K.", "the UK"}, {"USA", "Ukraine"}},
              {"the World Health Organization", {"WHO", "WHO."}, {"WTO", "UNICEF"}},
              {"National Aeronautics and Space Administration", {"NASA", "N.A.S.A."}, {"ESA"}},
              {"World War II", {"WWII", "WW2", "World War 2"}, {"WWI", "WW1"}},
              {"WWII", {"WW2"}, {"WWI"}}});
}

TEST(FinalPairs, TellSymbolsAndIdentifiersApart) {
  ExpectTold({{"CO2", {"CO₂", "CO_2"}, {"CO", "SO2"}},
              {"NO2", {"NO₂"}, {"NO", "N2O", "no"}},
              {"O2", {"O₂"}, {"O", "O3"}},
              {"Na⁺", {"Na+", "Na^+"}, {"Na", "K+"}},
              {"`os.path.join`", {"os.path.join()", "path.join"}, {"os.path.split"}},
              {"get_user_name", {"`get_user_name()`", "get user name"}, {"get_user_id"}},
              {"std::vector", {"`std::vector`"}, {"std::list"}},
              {"a@example.com", {"A@example.com"}, {"b@example.com", "a@example.org"}},
              {"US", {"USA"}, {"UK"}}});
}

TEST(FinalPairs, ReadWhatIsSaidOfAStatement) {
  ExpectTold(
      {{"The statement is false.",
        {"False", "No.", "No, the statement is false.", "This is incorrect.",
         "The statement is **false** because zero is even."},
        {"True", "The statement is true.", "The statement is **true** because zero is even."}},
       {"It is correct.", {"Correct", "Yes", "That is true."}, {"It's not correct."}},
       {"This is true of most cats.", {}, {"No, of none"}}});
}

TEST(FinalPairs, ReadMonthsOfOtherLanguages) {
  ExpectTold({{"20. Juli 1969", {"20.7.1969", "July 20, 1969"}, {"21. Juli 1969", "20. Juni 1969"}},
              {"20 de julio de 1969", {"1969-07-20"}, {"21 de julio de 1969"}},
              {"le 20 juillet 1969", {"20/07/1969"}, {"21 juillet 1969", "20 juin 1969"}}});
}

TEST(FinalPairs, TakeNoNameOrRangeForAFormula) {
  ExpectTold({{"tank", {"Tank."}, {"0.5"}},
              {"10-12", {"10 to 12", "10–12"}, {"-2"}},
              {"555-0199", {"555 0199"}, {"356"}},
              {"F-16", {"F16"}, {"F-15"}},
              {"5m", {"5 m", "500 cm"}, {"5 km"}},
              {"v = 25 m/s", {"v = 90 km/h"}, {"v = 25 km/h"}},
              {"A cat, and I", {"A cat and I"}, {}}});
}

TEST(FinalPairs, TakeABareNumberForAPercentageWhereThatIsAsked) {
  const char* const question = "What percentage of the Earth is covered by water?";
  ExpectTold({{"71%", {"71", "71 percent"}, {"70", "7.1%"}}}, question);
}

TEST(FinalPairs, ReadTimesErasAndBounds) {
  ExpectTold(
      {{"10 am", {"10 a.m.", "10:00 AM", "10:00", "10AM"}, {"10 pm", "10 p.m.", "22:00", "11 am"}},
       {"10:30 PM", {"22:30", "10.30 pm"}, {"10:30 AM", "10:45 PM", "10:30:20 AM"}},
       {"12 am", {"0:00", "midnight"}, {"12 pm", "noon"}},
       {"5 metres", {"5 m"}, {"5 a.m."}},
       {"before 1990", {"prior to 1990"}, {"after 1990", "1991"}},
       {"at least 5", {"5 or more", "no less than 5"}, {"at most 5", "up to 5", "fewer than 5"}},
       {"more than 100", {"over 100", "> 100"}, {"under 100", "less than 100", "< 100"}},
       {"44 BC", {"44 BCE", "44 B.C."}, {"44 AD", "AD 44", "44 CE"}},
       {"42", {"it is 42"}, {"not 42", "It is not 42."}}});
}

TEST(FinalPairs, ReadNumericDates) {
  ExpectTold({{"October 31, 1974",
               {"10/31/1974", "31/10/1974", "31.10.1974", "1974-10-31",
                "Thursday, October 31, 1974", "1974/10/31", "Thu, 31 Oct 1974", "1974年10月31日"},
               {"10/30/1974", "30.10.1974", "1974-10-30", "31.10.1975"}},
              {"2015-3-3", {"2015-03-03", "3 March 2015", "3/3/2015"}, {"2015-3-4", "3/4/2016"}},
              {"1945年9月2日", {"September 2, 1945"}, {"1945年9月3日", "1946年9月2日"}},
              {"3/4/2020", {"3/4/2020", "03/04/2020"}, {"5/6/2020", "May 4, 2020", "3/4/2021"}}});
  EXPECT_GT(ScoreOf("3/4/2020", "4 March 2020"), 0);
  EXPECT_GT(ScoreOf("3/4/2020", "April 3, 2020"), 0) << "nobody knows";
}

TEST(FinalPairs, ReadMagnitudesAndSeparators) {
  ExpectTold({{"2.5B", {"2.5 billion", "2,500,000,000", "2.5bn", "$2.5B"}, {"2.5", "2.5M", "2.5T"}},
              {"2T", {"2 trillion"}, {"2B", "2"}},
              {"5 lakh", {"500,000", "5 lakhs", "5,00,000"}, {"5 crore", "5"}},
              {"1.5 crore", {"15 million", "15000000"}, {"1.5 lakh"}},
              {"35万", {"350,000", "350000人"}, {"35", "35億"}},
              {"1億2000万", {"120 million", "1.2億"}, {"1億", "2000万"}},
              {"1 234 567",
               {"1,234,567", "1\u00A0234\u00A0567", "1\u2009234\u2009567"},
               {"1", "567", "1 234 568"}},
              {"12 345", {"12,345", "12\u202F345"}, {"12", "345"}},
              {"1.234,56", {"1,234.56", "1234.56"}, {"1.23456", "1234"}},
              {"0,125", {"0.125", "1/8"}, {"125"}},
              {"about 3.1 million",
               {"3,100,000", "3,123,456", "3.14 million"},
               {"3,200,000", "3.1", "3.1 billion"}}});
}

TEST(FinalPairs, ReadYesAndNoWithoutAComma) {
  ExpectTold({{"Yes — it is safe to eat the raw bean",
               {"Yes it is safe to eat the raw bean", "Yes, it is."},
               {"No — it is toxic to eat the raw bean", "No it is toxic to eat the raw bean"}},
              {"True", {"Yes", "Correct", "correct."}, {"False", "Incorrect"}},
              {"Incorrect", {"False", "No"}, {"Correct", "True"}},
              {"Yes it is", {"Yes", "Yes, it is"}, {"No it is not", "No"}},
              {"No one knows", {}, {"No"}}});
}

TEST(FinalPairs, ReadRomanNumeralsBehindTypesAndPhases) {
  ExpectTold({{"Type I diabetes",
               {"type 1 diabetes", "type I diabetes"},
               {"Type II diabetes", "type 2 diabetes"}},
              {"It is a phase II trial.", {"a phase 2 trial"}, {"It is a phase I trial."}},
              {"Stage III", {"stage 3"}, {"Stage II"}}});
}

TEST(FinalPairs, TellNamesThatBeginAlikeApart) {
  ExpectTold({{"Java", {}, {"JavaScript"}},
              {"Niger", {}, {"Nigeria"}},
              {"Austria", {}, {"Australia"}},
              {"Иран", {}, {"Ирак"}},
              {"北京", {}, {"北亭"}},
              {"איראן", {}, {"עיראק"}},
              {"The computer", {"The computers"}, {}},
              {"colour blindness", {"color blindness"}, {}}});
}

TEST(FinalPairs, ReadUnits) {
  ExpectTold(
      {{"5 miles", {"about 5 miles", "5 full miles", "roughly 8 km"}, {"5 km", "5 full km"}},
       {"10 in", {"10 inches", "25.4 cm"}, {"10 cm", "10 ft"}},
       {"30 s", {"30 seconds", "30000 ms"}, {"30 minutes", "30 ms"}},
       {"100 °C", {"212 °F", "100 degrees Celsius", "100°C"}, {"100 °F", "90 °C", "100 K"}},
       {"2 h", {"2 hours", "120 min"}, {"2 min", "2 days"}},
       {"5 km²", {"5,000,000 m²", "5 square kilometers", "5 km^2"}, {"5 km", "5 m²"}},
       {"4 GB", {"4 gigabytes"}, {"4 MB", "4 TB"}},
       {"90 km/h", {"90 kilometers per hour", "90 kph", "25 m/s", "56 mph"}, {"90 mph", "90 m/s"}},
       {"60 mph", {"60 miles per hour"}, {"60 miles", "60 km/h"}},
       {"5 ft 10 in", {"70 inches", "5 feet 10 inches", "1.78 m", "5'10\""}, {"5 ft 9 in", "5 ft"}},
       {"1 hour 30 minutes", {"90 minutes", "1.5 hours", "1 h 30 min"}, {"1 hour", "30 minutes"}}});
}

}  // namespace
}  // namespace byok
