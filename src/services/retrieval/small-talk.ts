/** What people say without asking for anything, in the languages that most say it in. */
const REMARKS = new Set(
  `hi hey hello hiya howdy yo greetings morning afternoon evening thanks thank thx ty ok okay okey yes yep yeah nope
  great nice cool perfect awesome excellent wonderful brilliant alright understood bye goodbye cheers lol haha wow
  sorry continue
  hallo moin servus guten danke dank bitte ja nein super toll prima tschüss wiedersehen
  bonjour salut bonsoir coucou merci oui non d’accord d'accord parfait revoir
  hola buenos buenas gracias vale sí adiós adios
  ciao buongiorno buonasera grazie prego arrivederci
  olá ola oi obrigado obrigada tchau
  hoi goedemorgen goedemiddag bedankt doei hej hei tak takk tack kiitos moi
  cześć czesc dzień dziękuję dziekuje dzięki ahoj dobrý děkuji díky merhaba selam teşekkürler teşekkür
  привет здравствуйте здравствуй спасибо хорошо пока привіт дякую
  γεια ευχαριστώ مرحبا شكرا שלום תודה नमस्ते धन्यवाद halo terima kasih chào ơn`.split(/\s+/),
);

/** What goes with it, and says nothing by itself. */
const FILLERS = new Set(
  `good night day there everyone all again you your so very a lot many much for the help that it was this to and no sure
  right fine well done got see later please welcome go on tag morgen abend vielen schön sehr gut auf alles klar
  beaucoup bien au días dias tardes noches muchas muchísimas mille va bene bom boa dia tarde noite muito je wel
  dobry ederim большое да нет ок σου σας xin cảm`.split(/\s+/),
);

/** Of languages that write no spaces. */
const PHRASES = new Set(
  `你好 您好 嗨 谢谢 謝謝 谢谢你 谢谢您 多谢 好的 好 是 是的 不 不是 再见 早上好 晚上好 继续
  こんにちは こんばんは おはよう おはようございます ありがとう ありがとうございます はい いいえ 了解 続けて さようなら
  안녕 안녕하세요 감사합니다 고마워 고마워요 네 아니요 สวัสดี สวัสดีครับ สวัสดีค่ะ ขอบคุณ ขอบคุณครับ ขอบคุณค่ะ ครับ ค่ะ`.split(/\s+/),
);

const MOST_WORDS = 8;

/** Whether a text asks for nothing that could be in a file: "thanks!", "good morning", "👍". */
export function isSmallTalk(text: string): boolean {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}'’]+/gu) ?? [];
  if (words.length > MOST_WORDS) return false;
  const isRemark = (word: string) => REMARKS.has(word) || PHRASES.has(word);
  return words.length === 0 || (words.some(isRemark) && words.every((word) => isRemark(word) || FILLERS.has(word)));
}
