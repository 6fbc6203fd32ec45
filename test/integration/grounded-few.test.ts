import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEND } from '../support/grounded-world.ts';
import { seedFile } from '../support/seeded-files.ts';
import { type Engine, startTestServer, type TestServer } from '../support/server.ts';

/** One short file, and questions as people ask them: in other words than it has. */
const FILES: Record<string, { text: string; questions: string[] }> = {
  English: {
    text: 'Employees are entitled to 28 days of paid annual leave. Requests are filed with the team lead two weeks in advance. Sick notes are due from the third day. Remote work is possible on three days a week. Expenses are reimbursed within 30 days.',
    questions: ['How many vacation days do I get?', 'How long until I get my expenses back?', 'Can I work from home?'],
  },
  German: {
    text: 'Mitarbeitende haben Anspruch auf 28 Tage bezahlten Jahresurlaub. Urlaubsanträge sind zwei Wochen vorher einzureichen. Eine Krankschreibung ist ab dem dritten Tag nötig. Die Kündigungsfrist beträgt drei Monate.',
    questions: ['Wie viele Urlaubstage habe ich?', 'Wann brauche ich eine Krankmeldung?', 'Wie kann ich kündigen?'],
  },
  Spanish: {
    text: 'Los empleados tienen derecho a 28 días de vacaciones pagadas al año. Las solicitudes se presentan con dos semanas de antelación. La oficina abre a las 8. Se puede teletrabajar tres días por semana.',
    questions: [
      '¿Cómo solicito mis vacaciones?',
      '¿Cuál es el horario de apertura de la oficina?',
      '¿Puedo trabajar desde casa?',
    ],
  },
  Russian: {
    text: 'Сотрудникам полагается 28 дней оплачиваемого отпуска в год. Заявление подаётся за две недели. Арендная плата составляет 950 евро в месяц. Расходы возмещаются в течение 30 дней.',
    questions: ['Сколько стоит аренда?', 'Когда мне возместят расходы?', 'Как подать заявление на отпуск?'],
  },
  Chinese: {
    text: '员工每年享有28天带薪年假。申请须提前两周提交。病假从第三天起需要医生证明。每月租金为950欧元。',
    questions: ['怎么请假?', '生病了怎么办?', '房租多少钱?'],
  },
  Japanese: {
    text: '従業員には年間28日の有給休暇があります。申請は2週間前に提出してください。病欠が3日以上の場合は診断書が必要です。',
    questions: ['休みを取るにはどうすればいいですか?', '病気のときはどうしますか?', '有給休暇は何日ありますか?'],
  },
  Arabic: {
    text: 'يحق للموظفين الحصول على 28 يوم إجازة سنوية مدفوعة الأجر. تسدد المصاريف خلال 30 يوما. التأمين يعادل إيجار ثلاثة أشهر. تتطلب الحيوانات موافقة خطية من المالك.',
    questions: ['كيف أطلب الإجازة؟', 'هل الحيوانات مسموحة؟', 'كم مبلغ التأمين؟'],
  },
};

describe.each<Engine>(['pglite', 'postgresql'])('who has one short file, on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true });
  });
  afterAll(() => server.close());

  it.each(Object.entries(FILES))(
    'has it found by questions in other words: %s',
    async (_language, { text, questions }) => {
      const user = await server.register();
      await seedFile(server, user, { name: 'a.txt', chunks: [text] });
      for (const question of questions) {
        const input = { turnKey: randomUUID(), text: question };
        const { sendMessage } = await server.data(SEND, { input }, user.token);
        expect(sendMessage.assistantMessage.citations, question).toHaveLength(1);
      }
    },
  );
});
