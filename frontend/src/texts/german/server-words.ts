/** What people meet of it; the rest is quoted as the server says it. */
export const serverWords: Readonly<Record<string, string>> = {
  // Of files.
  'The file is empty.': 'Die Datei ist leer.',
  'The file holds no text.': 'Die Datei enthält keinen Text.',
  'There is no text in this file. If it holds scanned pages, put them through text recognition first.':
    'In dieser Datei steht kein Text. Wenn sie aus eingescannten Seiten besteht, brauchen diese erst eine Texterkennung.',
  'The PDF holds no text: it seems to be scanned images. Run text recognition (OCR) over it and upload the result.':
    'Das PDF enthält keinen Text, anscheinend nur eingescannte Bilder. Laden Sie es nach einer Texterkennung (OCR) noch einmal hoch.',
  'The file is damaged or incomplete. Open it in the program it was made with, save it again and upload that.':
    'Die Datei ist beschädigt oder unvollständig. Öffnen Sie sie in dem Programm, aus dem sie stammt, speichern Sie sie neu und laden Sie das hoch.',
  'The file has a password. Save it without one and upload that.':
    'Die Datei ist mit einem Passwort geschützt. Speichern Sie sie ohne Passwort und laden Sie das hoch.',
  'The file is too large inside: unpacked, it holds more than can be read.':
    'Die Datei ist innen zu groß: Ausgepackt enthält sie mehr, als gelesen werden kann.',
  'The file is nested too deeply to be read.': 'Die Datei ist zu tief verschachtelt, um gelesen zu werden.',
  'The file holds more text than can be read. Split it into smaller files.':
    'Die Datei enthält mehr Text, als gelesen werden kann. Teilen Sie sie in kleinere auf.',
  'Reading the file takes more memory than it may. Split it into smaller files.':
    'Diese Datei zu lesen braucht mehr Speicher, als erlaubt ist. Teilen Sie sie in kleinere auf.',
  'Reading the file takes longer than the {} seconds that it may. Split it into smaller files.':
    'Diese Datei zu lesen dauert länger als die erlaubten {} Sekunden. Teilen Sie sie in kleinere auf.',
  'The file declares XML entities, which are not read because they can be used for attacks.':
    'Die Datei definiert XML-Entitäten. Sie werden nicht gelesen, weil sie zu Angriffen dienen können.',
  'The file could not be read: it is damaged, or made in a way that is not understood.':
    'Die Datei konnte nicht gelesen werden: Sie ist beschädigt oder auf unbekannte Weise aufgebaut.',
  'The file is not valid JSON: see line {}.': 'Die Datei ist kein gültiges JSON: Sehen Sie in Zeile {} nach.',
  'The file is incomplete: its JSON ends in the middle.': 'Die Datei ist unvollständig: Ihr JSON bricht mittendrin ab.',
  'The server could not read this file because of a fault of its own. Try again; if that fails as well, its log says why.':
    'Der Server konnte diese Datei wegen eines eigenen Fehlers nicht lesen. Versuchen Sie es noch einmal; warum es nicht geht, steht in seinem Protokoll.',
  'The server ended several times while it read this file, so it was given up. Check the file, then try again.':
    'Der Server ist beim Lesen dieser Datei mehrmals ausgefallen, deshalb wurde sie aufgegeben. Prüfen Sie die Datei und versuchen Sie es dann noch einmal.',
  'The bytes of the file cannot be read from the disk.': 'Die Datei kann nicht von der Platte gelesen werden.',
  'The same file was deleted at this moment. Upload it again.':
    'Dieselbe Datei wurde gerade gelöscht. Laden Sie sie noch einmal hoch.',
  'Only a file that could not be read can be tried again.':
    'Nur eine Datei, die nicht gelesen werden konnte, kann noch einmal gelesen werden.',

  // Of answers.
  'Your files could not be searched: the answer is made without them.':
    'Ihre Dateien konnten nicht durchsucht werden: Die Antwort entsteht ohne sie.',
  'The search by words did not answer: passages were found by their meaning only.':
    'Die Suche nach Wörtern hat nicht geantwortet: Stellen wurden nur nach ihrer Bedeutung gefunden.',
  'The search by meaning did not (fully) answer: passages may have been found by their words only.':
    'Die Suche nach Bedeutung hat nicht (ganz) geantwortet: Stellen wurden vielleicht nur nach ihren Wörtern gefunden.',
  'Files that were embedded with {} were searched by their words only: this server cannot ask that model any more.':
    'Dateien, deren Bedeutung mit {} erfasst wurde, wurden nur nach Wörtern durchsucht: Dieses Modell kann der Server nicht mehr fragen.',
  'No model could put the passages into order: they are in the order of the search.':
    'Kein Modell konnte die Stellen ordnen: Sie stehen in der Reihenfolge der Suche.',
  'The message is too long for this model: with what belongs to it, it has about {} tokens, and the model takes {}, its answer included. Shorten it, or choose a model with a larger context window.':
    'Die Nachricht ist zu lang für dieses Modell: Mit dem, was dazugehört, hat sie etwa {} Token, und das Modell fasst mit seiner Antwort {}. Kürzen Sie sie, oder wählen Sie ein Modell mit größerem Kontext.',
  'The answer before this prompt is still being written. Wait for it or stop it first.':
    'Die vorige Antwort wird noch geschrieben. Warten Sie auf sie, oder halten Sie sie erst an.',
  'This turnKey belongs to another turn. Make a new key for every prompt.':
    'Diese Nachricht ist schon angekommen. Laden Sie die Seite neu, dann sehen Sie sie.',
  'A prompt has at most {} characters.': 'Eine Nachricht hat höchstens {} Zeichen.',
  'A prompt cannot be empty.': 'Eine Nachricht kann nicht leer sein.',
  'The provider {} is not configured on this server. {}': 'Der Anbieter {} ist auf diesem Server nicht eingerichtet.',
  '{} has no model "{}".': '{} hat kein Modell „{}“.',
  "The provider {} refused the server's credentials.": 'Der Anbieter {} hat die Zugangsdaten des Servers abgelehnt.',
  'The provider {} refused to answer: the account there has no credit left.':
    'Der Anbieter {} antwortet nicht: Das Konto dort hat kein Guthaben mehr.',
  'The provider {} does not know the address it was asked at: its base URL may be wrong.':
    'Der Anbieter {} kennt die Adresse nicht, unter der er gefragt wurde: Vielleicht stimmt seine Basisadresse nicht.',
  'The provider {} failed (HTTP {}).': 'Beim Anbieter {} ist ein Fehler aufgetreten (HTTP {}).',
  'The provider {} refused the request.': 'Der Anbieter {} hat die Anfrage abgelehnt.',
  'The provider {} refused the request: {}': 'Der Anbieter {} hat die Anfrage abgelehnt: {said}',
  'The provider {} answered HTTP {} where a stream was expected: its base URL may be wrong.':
    'Der Anbieter {} hat mit HTTP {} statt mit einem Datenstrom geantwortet: Vielleicht stimmt seine Basisadresse nicht.',
  'The provider {} answered with a page instead of a stream: its base URL may be wrong.':
    'Der Anbieter {} hat mit einer Seite statt mit einem Datenstrom geantwortet: Vielleicht stimmt seine Basisadresse nicht.',
  'The provider {} refused the connection: it is not running, or its address is wrong.':
    'Der Anbieter {} hat die Verbindung abgelehnt: Er läuft nicht, oder seine Adresse ist falsch.',
  'The provider {} has a host name that cannot be found.': 'Der Name des Rechners von {} kann nicht gefunden werden.',
  'The provider {} has a certificate that is not trusted.': 'Dem Zertifikat des Anbieters {} wird nicht vertraut.',
  'The provider {} closed the connection without an answer.':
    'Der Anbieter {} hat die Verbindung ohne Antwort geschlossen.',
  'The provider {} cannot be reached.': 'Der Anbieter {} ist nicht erreichbar.',
  'The provider {} did not accept a connection for {}.': 'Der Anbieter {} hat {} lang keine Verbindung angenommen.',
  'The provider {} broke the connection in the middle of the answer.':
    'Der Anbieter {} hat die Verbindung mitten in der Antwort abgebrochen.',
  'The provider {} sent an answer that cannot be read.':
    'Der Anbieter {} hat eine Antwort geschickt, die nicht gelesen werden kann.',
  'The provider {} failed in the middle of the answer.':
    'Beim Anbieter {} ist mitten in der Antwort ein Fehler aufgetreten.',
  'The provider {} failed several times in a row; it is left alone for a moment.':
    'Beim Anbieter {} sind mehrmals hintereinander Fehler aufgetreten; er wird kurz in Ruhe gelassen.',
  'The model sent nothing for {}.': 'Vom Modell kam {} lang nichts.',
  'The model did not finish within {}.': 'Das Modell ist in {} nicht fertig geworden.',

  // Of names and accounts.
  'A title cannot be empty.': 'Ein Gespräch braucht einen Titel.',
  'A title has at most 200 characters.': 'Ein Titel hat höchstens 200 Zeichen.',
  'A name cannot be empty.': 'Ein Name kann nicht leer sein.',
  'A name has at most {} characters.': 'Ein Name hat höchstens {} Zeichen.',
  'A description has at most 2,000 characters.': 'Eine Beschreibung hat höchstens 2.000 Zeichen.',
  'A comment has at most 2,000 characters.': 'Eine Anmerkung hat höchstens 2.000 Zeichen.',
  'A search has at most 200 characters.': 'Eine Suche hat höchstens 200 Zeichen.',
  '{} cannot hold the character NUL.': 'Das Zeichen NUL ist hier nicht erlaubt.',
  'A username has at least 2 characters.': 'Ein Benutzername hat mindestens 2 Zeichen.',
  'A username has at most 64 characters.': 'Ein Benutzername hat höchstens 64 Zeichen.',
  'A username has letters, digits, dots, hyphens and underscores, and begins with a letter or a digit.':
    'Ein Benutzername hat Buchstaben, Ziffern, Punkte, Binde- und Unterstriche, am Anfang ein Buchstabe oder eine Ziffer.',
  'This is not an email address.': 'Das ist keine E-Mail-Adresse.',
  'An email address has at most 254 characters.': 'Eine E-Mail-Adresse hat höchstens 254 Zeichen.',
  'A password has at least 8 characters.': 'Ein Passwort hat mindestens 8 Zeichen.',
  'A password has at most 200 characters.': 'Ein Passwort hat höchstens 200 Zeichen.',
  'This password is among those that are tried first. Choose another.':
    'Dieses Passwort ist zu leicht zu erraten. Wählen Sie ein anderes.',
  'This username is taken.': 'Diesen Namen hat schon jemand.',
  'An account with this email address exists already.': 'Ein Konto mit dieser E-Mail-Adresse gibt es schon.',
  'Registration is closed. Ask an admin for an account.':
    'Hier kann niemand selbst ein Konto anlegen. Bitten Sie einen Administrator darum.',
  'Only an admin may do this.': 'Das darf nur ein Administrator.',
  'Only an admin may make a collection for everybody.': 'Eine Sammlung für alle darf nur ein Administrator anlegen.',

  // Of the administration.
  'This is the last admin. Make somebody else an admin first.':
    'Das ist der letzte Administrator. Machen Sie erst jemand anderen dazu.',
  'This account was enabled again while it was being deleted. What belonged to it is gone.':
    'Dieses Konto wurde wieder eingeschaltet, während es gelöscht wurde. Was dazugehörte, ist fort.',
  'There is an API key with this client name already.': 'Einen API-Schlüssel mit diesem Namen gibt es schon.',
  'A client name cannot be empty.': 'Ein Name kann nicht leer sein.',
  'A client name has at most 200 characters.': 'Ein Name hat höchstens 200 Zeichen.',
  'A key ends in the future, or never.': 'Ein Schlüssel endet in der Zukunft oder nie.',
  'Notes have at most 5,000 characters.': 'Anmerkungen haben höchstens 5.000 Zeichen.',
  'There is a system prompt with this name already.': 'Einen Systemprompt mit diesem Namen gibt es schon.',
  'This system prompt has been changed meanwhile: it has revision {} now.':
    'Dieser Systemprompt wurde inzwischen geändert: Jetzt gilt Revision {}.',
  'This system prompt was in use just now. Try again.':
    'Dieser Systemprompt wurde gerade verwendet. Versuchen Sie es noch einmal.',
  'A system prompt cannot be empty.': 'Ein Systemprompt kann nicht leer sein.',
  'A system prompt has at most {} characters.': 'Ein Systemprompt hat höchstens {} Zeichen.',
  '{} cannot be empty.': 'Das darf nicht leer sein.',
  'This model has a version with this tag already.': 'Diese Version hat das Modell schon.',
  'Models of {} cannot be pulled or removed here, those of {} can.':
    'Modelle von {} können hier weder geholt noch entfernt werden, die von {} schon.',
  'Models of {} cannot be pulled or removed from here.':
    'Modelle von {} können von hier aus weder geholt noch entfernt werden.',
  'What {} could pull cannot be listed.': 'Was {} holen könnte, lässt sich nicht auflisten.',
  'A model is written provider/name, where provider is one of {}.':
    'Ein Modell schreibt sich Anbieter/Name; Anbieter sind {}.',

  // Of the parts of the server.
  'It is shutting down.': 'Er fährt gerade herunter.',
  embedded: 'eingebettet',
  'in process': 'im eigenen Prozess',
  'The database does not answer.': 'Die Datenbank antwortet nicht.',
  'Answers are not cached.': 'Antworten werden nicht zwischengespeichert.',
  'Redis does not answer: answers are not cached, and this server goes on by itself.':
    'Redis antwortet nicht: Antworten werden nicht zwischengespeichert, und dieser Server arbeitet für sich allein weiter.',
  'Files are not searched by meaning.': 'Dateien werden nicht nach ihrer Bedeutung durchsucht.',
  'This server reads no files; another one that shares its database does.':
    'Dieser Server liest keine Dateien; ein anderer mit derselben Datenbank liest sie.',
  'No language model can be reached; the built-in answerer is used. {}: {}':
    'Kein Sprachmodell ist erreichbar; es antwortet das eingebaute. {}: {said}',
  'No language model can be reached; the built-in answerer is used.':
    'Kein Sprachmodell ist erreichbar; es antwortet das eingebaute.',

  'It has no models.': 'Er hat keine Modelle.',
  'It failed again and again: calls are refused for a moment.':
    'Er ist mehrmals hintereinander ausgefallen: Er wird kurz in Ruhe gelassen.',
  'Set OLLAMA_BASE_URL.': 'Setzen Sie OLLAMA_BASE_URL.',
  'Set OPENAI_API_KEY (or OPENAI_BASE_URL for a compatible server).':
    'Setzen Sie OPENAI_API_KEY (oder für einen kompatiblen Server OPENAI_BASE_URL).',
  'Set AIHUB_BASE_URL and AIHUB_API_KEY.': 'Setzen Sie AIHUB_BASE_URL und AIHUB_API_KEY.',
  'Put a GGUF file into MODELS_DIR, pull one, or name one in MODEL_PATH.':
    'Legen Sie eine GGUF-Datei nach MODELS_DIR, holen Sie eine, oder nennen Sie eine in MODEL_PATH.',

  // Of models that are being pulled.
  'It was cancelled. Pull it again, and it goes on where it was.':
    'Es wurde abgebrochen. Holen Sie es noch einmal, dann geht es dort weiter.',
  'The server was stopped. Pull it again, and it goes on where it was.':
    'Der Server wurde angehalten. Holen Sie es noch einmal, dann geht es dort weiter.',
  'Something went wrong on the server. The fault has been logged.':
    'Auf dem Server ist etwas schiefgegangen. Der Fehler steht in seinem Protokoll.',
  'Nobody is pulling this model.': 'Niemand holt dieses Modell.',
  'There is not enough room on the disk: {} are needed, {} are free.':
    'Auf der Platte ist nicht genug Platz: {} werden gebraucht, {} sind frei.',
  'The file cannot be written to the disk.': 'Die Datei kann nicht auf die Platte geschrieben werden.',
  'The model hub failed (HTTP {}).': 'Beim Modellverzeichnis ist ein Fehler aufgetreten (HTTP {}).',
  'The model hub cannot be used: {}.': 'Das Modellverzeichnis ist nicht erreichbar: {said}.',
  '{} is being pulled by another process at this moment.': '{} wird gerade von einem anderen Prozess geholt.',
  'A model is pulled as llama-cpp/hf:owner/repository/file.gguf, or as llama-cpp/hf:owner/repository:Q4_K_M.':
    'Ein Modell wird als llama-cpp/hf:owner/repository/file.gguf oder als llama-cpp/hf:owner/repository:Q4_K_M geholt.',

  // Of conversations that are imported.
  'This is not JSON.': 'Das ist kein JSON.',
  'It is not valid JSON.': 'Es ist kein gültiges JSON.',
  'It is too large.': 'Es ist zu groß.',
  'It is nested too deeply.': 'Es ist zu tief verschachtelt.',
  'The file ends in the middle.': 'Die Datei bricht mittendrin ab.',
  'There are no conversations in it.': 'Es sind keine Gespräche darin.',
  'Too many of its conversations are broken.': 'Zu viele der Gespräche darin sind fehlerhaft.',
  'The file is an export of something else.': 'Die Datei ist ein Export von etwas anderem.',
  'The file has version {} of the format. This server knows version {}.':
    'Die Datei hat die Version {} des Formats. Dieser Server kennt die Version {}.',
  'It has no id.': 'Es hat keine Kennung.',
  'It has more than {} messages.': 'Es hat mehr als {} Nachrichten.',
  'It has too many messages.': 'Es hat zu viele Nachrichten.',
  'Its messages go in a circle.': 'Seine Nachrichten laufen im Kreis.',
  'Two of its messages have one id.': 'Zwei seiner Nachrichten haben dieselbe Kennung.',
  'A message answers one that is not there.': 'Eine Nachricht antwortet auf eine, die es nicht gibt.',
  'It is neither a conversation of a Colloquy export nor of a ChatGPT export.':
    'Es ist weder ein Gespräch aus einem Export von Colloquy noch aus einem von ChatGPT.',
  'An import of yours is running. Wait until it is done.':
    'Sie importieren schon etwas. Warten Sie, bis das fertig ist.',
  'At most {} exports can run at a time.': 'Höchstens {} Exporte können gleichzeitig laufen.',
};
