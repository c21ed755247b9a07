// Triads of our own in many languages and scripts: the first two answers say the same.
#include <gtest/gtest.h>

#include "consensus/agreement.hpp"
#include "consensus/panel.hpp"

namespace byok {
namespace {

struct Case {
  const char* name;
  const char* question;
  const char* answer;
  const char* same;
  const char* different;
};

const Case kCases[] = {
    {"ArabicName", "ما هي عاصمة مصر؟", "القاهرة", "عاصمة مصر هي القاهرة.", "الإسكندرية"},
    {"ArabicVowelSigns", "من كتب الرواية؟", "نَجِيبُ مَحْفُوظ", "كتبها نجيب محفوظ.", "طه حسين"},
    {"ArabicDigits", "كم عدد الكواكب؟", "٨", "الجواب: 8", "٩"},
    {"ArabicComma", "متى؟", "في القاهرة، سنة ١٩٢٢", "في القاهرة سنة 1922", "في دمشق، سنة ١٩٢٢"},
    {"ArabicNegation", "هل هو آمن؟", "الفطر آمن للأكل", "الفطر آمن للأكل.", "الفطر ليس آمنا للأكل"},
    {"ArabicYes", "هل الماء رطب؟", "نعم", "نعم، الماء رطب.", "لا، الماء ليس رطبا."},
    {"ArabicPresentationForms", "من؟", "ﻣﺤﻤﺪ ﻋﻠﻲ", "محمد علي", "أحمد زويل"},
    {"PersianDigits", "چند؟", "۱۲ سیاره", "12 سیاره", "۱۳ سیاره"},
    {"HebrewPoints", "מהי בירת צרפת?", "פָּרִיז", "הבירה היא פריז.", "ליון"},
    {"HebrewNegation", "האם זה בטוח?", "הפטרייה בטוחה לאכילה", "הפטרייה בטוחה לאכילה.",
     "הפטרייה לא בטוחה לאכילה"},
    {"DirectionMarks", "מהי בירת צרפת?", "\u200Fפריז\u200F", "פריז", "\u202Bליון\u202C"},
    {"GreekAccents", "Ποια είναι η πρωτεύουσα;", "ΑΘΗΝΑ", "Η πρωτεύουσα είναι η Αθήνα.",
     "Θεσσαλονίκη"},
    {"RussianYo", "Кто победил?", "Королёв", "Победил Королев.", "Глушко"},
    {"RussianNegation", "Безопасен ли гриб?", "Этот гриб безопасен для еды",
     "Этот гриб безопасен для еды.", "Этот гриб не безопасен для еды"},
    {"RussianYes", "Мокрая ли вода?", "Да", "Да, вода мокрая.", "Нет, вода не мокрая."},
    {"RussianAnswer", "Сколько будет 6*7?", "Мы умножаем.\nОтвет: 42", "42", "Ответ: 48"},
    {"TurkishDots", "Neresi?", "İSTANBUL", "istanbul", "ankara"},
    {"VietnameseComposed", "Thủ đô?", "Hà Nội", "Ha\u0300 No\u0323\u0302i", "Huế"},
    {"HindiDigits", "कितने?", "उत्तर है १२ ग्रह", "12 ग्रह", "१३ ग्रह"},
    {"HindiStop", "राजधानी?", "दिल्ली।", "राजधानी दिल्ली है।", "मुंबई।"},
    {"ArmenianCapitals", "Ֆրանսիայի մայրաքաղաքը?", "ՓԱՐԻԶ", "Մայրաքաղաքը Փարիզն է։", "Լիոն"},
    {"GeorgianName", "დედაქალაქი?", "თბილისი", "დედაქალაქი არის თბილისი.", "ბათუმი"},
    {"ThaiName", "เมืองหลวง?", "กรุงเทพมหานคร", "เมืองหลวงคือกรุงเทพมหานคร", "เชียงใหม่"},
    {"ThaiNegation", "กินได้ไหม", "เห็ดนี้ปลอดภัยมาก", "เห็ดนี้ปลอดภัยมากครับ", "เห็ดนี้ไม่ปลอดภัยมาก"},
    {"ChineseName", "法国首都?", "巴黎", "法国的首都是巴黎。", "里昂"},
    {"ChineseNegation", "蘑菇安全吗?", "这种蘑菇是可以安全食用的", "这种蘑菇是可以安全食用的。",
     "这种蘑菇是不可以安全食用的"},
    {"ChineseAnswer", "6*7?", "我们相乘。\n答案是42", "42", "答案：48"},
    {"ChineseYes", "水是湿的吗?", "是的", "是的，水是湿的。", "不是，水不是湿的。"},
    {"FullWidthLatin", "どの会社?", "ＮＡＳＡ", "NASA", "ＥＳＡ"},
    {"JapaneseHalfWidth", "首都?", "ﾄｳｷｮｳ", "トウキョウ", "オオサカ"},
    {"JapaneseNegation", "安全ですか", "このキノコは食べられます", "このキノコは食べられます。",
     "このキノコは食べられません"},
    {"KoreanDecomposed", "수도는?", "서울", "\u1109\u1165\u110B\u116E\u11AF", "부산"},
    {"KoreanParticle", "수도는?", "서울", "수도는 서울입니다.", "부산"},
    {"KoreanNegation", "안전한가요?", "이 버섯은 안전하다", "이 버섯은 안전하다.",
     "이 버섯은 안전하지 않다"},
};

class Language : public testing::TestWithParam<Case> {};

TEST_P(Language, TellsWhatIsTheSame) {
  const Case& given = GetParam();
  const Agreement agreement =
      MeasureAgreement(given.question, Panel({given.answer, given.same, given.different}));
  ASSERT_EQ(agreement.pairs.size(), 3u);
  EXPECT_GE(agreement.pairs[0].score, kSameFrom);
  EXPECT_GT(agreement.pairs[0].score, agreement.pairs[1].score + 0.2);
  EXPECT_GT(agreement.pairs[0].score, agreement.pairs[2].score + 0.2);
}

INSTANTIATE_TEST_SUITE_P(All, Language, testing::ValuesIn(kCases),
                         [](const auto& given) { return std::string(given.param.name); });

}  // namespace
}  // namespace byok
