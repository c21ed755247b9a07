#pragma once

#include <array>
#include <string_view>

/// Every list of words the engine knows: folded, lower case, words separated by blanks. Changing
/// one changes scores.
namespace byok::words {

inline constexpr std::string_view kStop =
    "a an the and or but if of to in on at by for with from as is are was were be been being am it "
    "its this that these those he she they him his her hers their theirs we us you your i me my "
    "our do does did done has have had having will would can could should may might must shall so "
    "than then there here who whom whose what when where why how all any some such very more most "
    "other into over under about after before between during also just only own same too both each "
    "while because however therefore thus hence one ones like well many much upon out up down off "
    "again further once per via etc s t d ll m re ve "
    "el la los las un una unos unas y o de del al en con por para que es son fue era ser se su sus "
    "lo le les como mas este esta esto e els uns unes amb dels va os um uma ao da das dos na nas "
    "em "
    "com foi sao der die den dem ein eine und oder von zu im ist sind war auf mit fur il gli di "
    "che sono eta bat ere et ou est sont dans pour sur par au aux une du "
    "и в во на что это как с со по к из у за от о для бы же был была было были есть он она оно они "
    "мы вы я его ее их "
    "في من على الي عن هو هي هذا هذه ذلك التي الذي ان كان كانت و مع ما "
    "של את על הוא היא זה זו אל עם היה היתה כי או גם "
    "ο η το οι τα του τησ των και να σε με για απο ειναι στο στη στην στον "
    "का के की है हैं में को से और ने पर एक यह";

/// They win over stop words.
inline constexpr std::string_view kNegators =
    "not no never none nobody nothing neither nor without cannot nunca jamas tampoco ningun "
    "ninguna "
    "nadie nada ni cap gens ningu pas jamais aucun nicht kein keine nie ez ezin inoiz non nao "
    "niet geen nooit inte ikke degil hayir tidak bukan khong nem "
    "не нет ни никогда без لا لم لن ليس ليست غير بدون לא אין בלי אינו אינה δεν οχι μη μην "
    "नहीं न मत";

/// Negations in scripts without blanks, looked for inside of runs of letters.
inline constexpr std::string_view kUnspacedNegators[] = {"不",     "没", "沒",   "ない", "ません",
                                                         "なかっ", "않", "아니", "없",   "ไม่"};

/// Spellings on the left read as the word on the right.
struct Aliases {
  std::string_view spellings;
  std::string_view word;
};
inline constexpr Aliases kAliases[] = {
    {"jan", "january"},
    {"feb", "february"},
    {"apr", "april"},
    {"jun", "june"},
    {"jul", "july"},
    {"aug", "august"},
    {"sep sept", "september"},
    {"oct", "october"},
    {"nov", "november"},
    {"dec", "december"},
    {"percent percentage pct", "%"},
    {"km kms kilometre", "kilometer"},
    {"metre", "meter"},
    {"cm centimetre", "centimeter"},
    {"mm", "millimeter"},
    {"kg kgs", "kilogram"},
    {"lb lbs gbp", "pound"},
    {"ft feet", "foot"},
    {"mph", "mile"},
    {"yd yds", "yard"},
    {"hr hrs", "hour"},
    {"min mins", "minute"},
    // "second" alone is the ordinal 2.
    {"secs seconds", "second_"},
    {"usd bucks", "dollar"},
    {"eur", "euro"},
};
/// Words before Roman numerals: "type I diabetes".
inline constexpr std::string_view kNumbered[] = {"type", "phase", "stage", "class", "grade"};

/// Stop words that are names when all their letters are capitals, and how those are read.
struct Acronym {
  std::string_view stop, name;
};
inline constexpr Acronym kAcronyms[] = {{"us", "usa"}, {"who", "WHO"}, {"it", "IT"}};

/// Whole phrases, without marks between their words, parts of a text in scripts without blanks. At
/// the beginning of a short text they decline to answer …
inline constexpr std::string_view kRefusals[] = {
    "as an ai", "as a language model", "as a large language model", "i'm just an ai",
    "i am just an ai", "i'm sorry", "i am sorry", "i apologize", "i apologise", "i have no comment",
    "no comment", "no comments", "unable to provide", "unable to find", "unable to answer",
    "unable to determine", "unable to assist", "unable to help", "unable to comply", "i cannot",
    "i can not", "i can't", "i could not find", "i couldn't find", "i do not have", "i don't have",
    "i'm unable", "i am unable", "i'm not able", "i am not able", "i was unable",
    "not enough information", "not enough context", "no information available", "couldn't find any",
    "could not find any", "couldn't find anything", "could not find anything",
    "could you please provide", "could you provide", "could you clarify", "please provide more",
    "you haven't provided", "i won't be able", "i will not be able", "i must decline",
    "i have to decline", "i must refuse", "i won't answer", "i won't help", "i won't provide",
    "i will not answer", "i will not help", "i will not provide", "i'd rather not answer",
    "against my guidelines", "can't assist with", "cannot assist with", "can't help with that",
    "cannot help with that",
    // Spanish, Portuguese, French, Italian
    "no tengo comentarios", "lo siento no", "lo siento pero", "no puedo ayudar",
    "no puedo ayudarte", "no puedo responder", "no puedo proporcionar", "no tengo informacion",
    "no dispongo de informacion", "como modelo de lenguaje no", "como ia no", "sinto muito",
    "desculpe mas", "nao posso ajudar", "nao posso responder", "nao posso fornecer",
    "nao tenho informacoes", "como modelo de linguagem nao", "como um modelo de linguagem nao",
    "como um modelo de linguagem eu", "como uma ia nao", "como uma ia eu", "je suis desole",
    "je suis desolee", "desole mais", "je ne peux pas", "je ne suis pas en mesure",
    "je n'ai pas d'information", "je n'ai pas d'informations", "en tant qu'ia je",
    "en tant que modele de langage je", "mi dispiace", "non posso aiutarti", "non posso aiutarla",
    "non posso rispondere", "non posso fornire", "non sono in grado", "non ho informazioni",
    "come modello linguistico non", "come ia non",
    // German, Dutch
    "es tut mir leid", "tut mir leid", "leider kann ich", "dabei kann ich nicht helfen",
    "kann ich nicht beantworten", "kann ich ihnen nicht", "kann ich dir nicht",
    "ich kann ihnen nicht", "ich kann dir nicht", "ich kann diese frage nicht",
    "ich kann dabei nicht", "ich habe keine informationen", "als ki kann ich", "als ki habe ich",
    "als sprachmodell kann ich", "als sprachmodell habe ich", "het spijt me", "sorry ik kan",
    "ik kan je niet", "ik kan u niet", "ik kan niet helpen", "ik kan daar niet",
    "ik kan deze vraag niet", "daar kan ik niet", "ik heb geen informatie", "als taalmodel kan ik",
    "als taalmodel heb ik",
    // Russian, Arabic
    "к сожалению я не", "извините но", "я не могу ответить", "я не могу помочь",
    "я не могу предоставить", "я не могу выполнить", "не могу вам помочь", "у меня нет информации",
    "у меня нет данных", "как языковая модель я", "как ии я", "لا استطيع", "لا يمكنني", "انا اسف",
    "ليس لدي معلومات", "كنموذج لغوي لا",
    // Chinese, Japanese, Korean
    "抱歉 我", "对不起 我", "對不起 我", "我无法", "我無法", "我不能回答", "我不能提供",
    "作为一个人工智能 我", "作为人工智能 我", "作为ai 我", "作为一个ai 我", "作为语言模型 我",
    "作为一个语言模型 我", "申し訳ありません", "申し訳ございません", "お答えできません",
    "答えられません", "お手伝いできません", "aiとして 意見", "aiとして 私", "言語モデルとして 意見",
    "言語モデルとして 私", "죄송합니다", "죄송하지만", "답변할 수 없", "답변드릴 수 없",
    "도와드릴 수 없", "ai로서 저는", "ai로서 의견", "언어 모델로서 저는"};
/// … or say that the answer is not known.
inline constexpr std::string_view kDoubts[] = {"i do not know",
                                               "i don't know",
                                               "i'm not sure",
                                               "i am not sure",
                                               "no lo se",
                                               "no estoy seguro",
                                               "no estoy segura",
                                               "eu nao sei",
                                               "nao tenho certeza",
                                               "je ne sais pas",
                                               "je ne suis pas sur",
                                               "je ne suis pas sure",
                                               "non lo so",
                                               "non sono sicuro",
                                               "non sono sicura",
                                               "ich weiss nicht",
                                               "ich weiss es nicht",
                                               "das weiss ich nicht",
                                               "ich bin nicht sicher",
                                               "ich bin mir nicht sicher",
                                               "ik weet het niet",
                                               "ik weet niet",
                                               "я не знаю",
                                               "я не уверен",
                                               "я не уверена",
                                               "لا اعرف",
                                               "لا ادري",
                                               "لست متاكدا",
                                               "我不知道",
                                               "我不确定",
                                               "我不確定",
                                               "わかりません",
                                               "分かりません",
                                               "모르겠",
                                               "확실하지 않"};
/// What goes on after a refusal to say something after all …
inline constexpr std::string_view kHedges[] = {
    "however",    "nevertheless", "nonetheless", "that said", "sin embargo", "no obstante",
    "no entanto", "todavia",      "cependant",   "toutefois", "neanmoins",   "tuttavia",
    "jedoch",     "allerdings",   "dennoch",     "echter",    "однако",      "тем не менее",
    "ومع ذلك",    "مع ذلك",       "然而",        "不过",      "不過",        "しかし",
    "ただし",     "그러나",       "하지만"};
/// … and after a doubt alone, too: "I'm sorry, but" is none.
inline constexpr std::string_view kGuesses[] = {
    "but",           "maybe",     "perhaps",   "probably",   "i think",    "i believe", "i guess",
    "i would guess", "i'd guess", "pero",      "quizas",     "creo que",   "mas",       "talvez",
    "acho que",      "mais",      "peut etre", "je pense",   "je crois",   "ma",        "forse",
    "credo",         "penso",     "aber",      "vielleicht", "ich glaube", "ich denke", "maar",
    "misschien",     "ik denk",   "но",        "возможно",   "думаю",      "لكن",       "ولكن",
    "ربما",          "但",        "可能",      "我想",       "我认为",     "が",        "おそらく",
    "たぶん",        "지만",      "아마"};

/// They announce a final answer, when a link follows: "the answer is …", "respuesta: …".
inline constexpr std::string_view kCues[] = {
    "answer",   "option",    "choice",   "respuesta", "resposta",  "reponse", "antwort",
    "risposta", "erantzuna", "antwoord", "jawaban",   "odpowiedz", "cevap"};
/// The same in other scripts.
inline constexpr std::string_view kOtherCues[] = {"答案",   "答え",   "정답",     "ответ",
                                                  "Ответ",  "الجواب", "الاجابه",  "תשובה",
                                                  "התשובה", "उत्तर",   "απαντηση", "Απαντηση"};
inline constexpr std::string_view kLinkVerbs[] = {
    "is", "es",        "would", "should", "must", "be",  "est", "ist",   "e",
    "da", "therefore", "هو",    "هي",     "הוא",  "היא", "है",   "ειναι", "это"};
/// Links that are joined to what follows.
inline constexpr std::string_view kJoinedLinks[] = {"是", "为", "は", "은", "는"};
/// Passed like a link verb, but links nothing by itself: "the answer to …".
inline constexpr std::string_view kPassedVerb = "to";

inline constexpr std::string_view kYes[] = {
    "yes", "yeah", "si",  "sim", "bai", "oui",  "ja", "да", "Да",   "tak",  "evet", "hai", "نعم",
    "כן",  "ναι",  "Ναι", "हाँ",  "हां",  "是的", "是", "对", "はい", "ええ", "네",   "예"};
inline constexpr std::string_view kNo[] = {
    "no", "nope", "nao", "ez",  "non", "nein", "нет", "Нет", "nie",    "hayir",  "khong",
    "لا", "לא",   "οχι", "Οχι", "नहीं", "不是", "不",  "否",  "いいえ", "아니요", "아니오"};

inline constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

/// The same in Spanish, Portuguese, French, Italian, German and Dutch, as far as they differ.
inline constexpr std::array<std::string_view, 12> kOtherMonths = {
    "enero janeiro janvier gennaio januar januari",
    "febrero fevereiro fevrier febbraio februar februari",
    "marzo marco mars marz maart",
    "abril avril aprile",
    "mayo maio mai maggio mei",
    "junio junho juin giugno juni",
    "julio julho juillet luglio juli",
    "agosto aout augustus",
    "septiembre setembro septembre settembre",
    "octubre outubro octobre ottobre oktober",
    "noviembre novembro novembre",
    "diciembre dezembro decembre dicembre dezember"};

/// A word and the number it says.
struct NumberWord {
  std::string_view word;
  double value;
};
/// `one` is not among them: it is a pronoun more often than a number.
inline constexpr NumberWord kCardinals[] = {
    {"zero", 0},     {"two", 2},        {"three", 3},     {"four", 4},      {"five", 5},
    {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},      {"ten", 10},
    {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15},
    {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20},
    {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},    {"seventy", 70},
    {"eighty", 80},  {"ninety", 90},
};
inline constexpr NumberWord kOrdinals[] = {
    {"first", 1},        {"second", 2},      {"third", 3},       {"fourth", 4},
    {"fifth", 5},        {"sixth", 6},       {"seventh", 7},     {"eighth", 8},
    {"ninth", 9},        {"tenth", 10},      {"eleventh", 11},   {"twelfth", 12},
    {"thirteenth", 13},  {"fourteenth", 14}, {"fifteenth", 15},  {"sixteenth", 16},
    {"seventeenth", 17}, {"eighteenth", 18}, {"nineteenth", 19}, {"twentieth", 20},
    {"thirtieth", 30},
};
inline constexpr double kDozen = 12;
/// They multiply the part of the number being read …
inline constexpr NumberWord kMultipliers[] = {{"hundred", 100}, {"dozen", kDozen}};
/// … and these close it: "two million three hundred thousand" is 2·10⁶ + 300·10³.
inline constexpr NumberWord kScales[] = {
    {"thousand", 1e3},   {"million", 1e6},    {"millions", 1e6},  {"mn", 1e6},
    {"billion", 1e9},    {"billions", 1e9},   {"bn", 1e9},        {"trillion", 1e12},
    {"trillions", 1e12}, {"tn", 1e12},        {"lakh", 1e5},      {"lakhs", 1e5},
    {"lac", 1e5},        {"lacs", 1e5},       {"cr", 1e7},        {"crore", 1e7},
    {"crores", 1e7},     {"millones", 1e6},   {"millionen", 1e6}, {"milliard", 1e9},
    {"milliards", 1e9},  {"milliarden", 1e9}, {"milioni", 1e6},   {"miliardi", 1e9},
    {"milhoes", 1e6},
};
/// What makes a number of the `one` or `a` before it, at the beginning of the next word.
inline constexpr std::string_view kCountable[] = {"hundred", "thousand", "million", "billion"};

}  // namespace byok::words
