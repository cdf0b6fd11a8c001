### Every sentence of Passerelle in French. Rules: short, one idea, « vous », never a blame, always what happens next.
### Texts are Telegram HTML: only <b> and <i>. Values in { } are escaped by the code.

## Welcome and menu

welcome =
    👋 <b>Bonjour, je suis Passerelle.</b>
    Je réponds aux questions des habitants : logement, aides, papiers, contrat de ville.

    ✍️ <b>Écrivez votre question</b> avec vos mots. Ou touchez un bouton.

    🔒 <b>Ce que je garde</b> : rien sur vous quand vous posez une question. Ni votre nom, ni vos mots.
    Je garde une question seulement si vous touchez « Transmettre à l'équipe ». C'est pour y répondre.

    Telegram est une entreprise privée : n'écrivez ni mot de passe, ni numéro de Sécurité sociale.
    { $danger }

danger-line = 🚨 <b>Danger ?</b> Appelez le 112.
doubt-line = 🚨 <b>En danger ? 112</b>

menu-title =
    <b>Que voulez-vous faire ?</b>
    Touchez un bouton, ou écrivez votre question.
menu-question = ✍️ Poser une question
menu-rights = 📘 Mes droits
menu-problem = 🛠️ Un problème de logement
menu-contract = 📄 Le contrat de ville
menu-help-now = 🚨 Urgence, ou parler à quelqu'un

button-menu = 🏠 Menu
button-back = ⬅️ Retour
button-next = Suite ➡️
button-previous = ⬅️ Avant
button-glossary = 🔤 Mots du contrat
button-contract = 📄 Le contrat en détail
button-urgent = 🚨 Urgence
button-human = 🙋 Parler à quelqu'un
button-question = ✍️ Poser ma question
button-usage = ❓ Utiliser Passerelle

contract-title =
    <b>Le contrat de ville</b>
    Que voulez-vous lire ?
help-now-title =
    <b>Urgence, ou parler à quelqu'un</b>
    { danger-line }

## Help

help =
    <b>Comment ça marche ?</b>

    ✍️ Écrivez votre question, comme vous parlez. Les fautes ne gênent pas.
    Par exemple : « on m'a coupé l'eau chaude » ou « c'est quoi le copil ».

    /question – poser une question
    /droits – mes droits par thème
    /glossaire – les mots du contrat
    /contrat – le contrat en détail
    /urgence – les numéros d'urgence
    /humain – parler à quelqu'un
    /annuler – revenir au début

    Chaque réponse dit d'où elle vient, et de quand. Si je ne sais pas, je le dis.
ask-away =
    <b>Je vous écoute.</b>
    Écrivez votre question avec vos mots.
cancelled =
    C'est annulé. Rien n'est gardé.
    { menu-title }

## Somebody to talk to

human =
    <b>Parler à quelqu'un</b>

    Ces lieux vous reçoivent et vous aident, gratuitement :

    { $places }

    Pour votre logement : le numéro de votre bailleur est sur votre quittance de loyer, et souvent dans le hall.

    Votre question peut aussi aller à l'équipe du contrat de ville : écrivez-la ici. Si je ne sais pas répondre, touchez « Transmettre à l'équipe ».
human-no-place =
    <b>Parler à quelqu'un</b>

    Votre mairie peut vous dire qui vous recevra. Pour votre logement : le numéro de votre bailleur est sur votre quittance de loyer.
place = 📍 <b>{ $name }</b> – { $what } <i>(source : { $source }, { $date })</i>

## Fiches

source-line = <i>Source : { $source }</i>
checked-line = <i>Information { $of-date }.</i>
to-check = ⚠️ <b>À vérifier</b> : cette réponse n'est pas sûre. Demandez confirmation avant d'agir.
call-line = 📞 <b>{ $phone }</b> – { $name }{ $when }
call-to-check = (à vérifier)
more-about = <b>{ $title }</b> – { $section }
button-more = 📖 En savoir plus
button-prepare = 📎 À préparer
button-where = 📍 Où aller
button-call = 📞 Qui appeler
button-related = 🔗 À lire aussi
button-useful = 👍 Utile
button-useless = 👎 Pas utile
related-title = 🔗 <b>À lire aussi</b>

## Browsing

section-title =
    <b>{ $title }</b>
    Choisissez un thème.
theme-title =
    <b>{ $title }</b>
    { $pages ->
        [one] Choisissez une fiche.
       *[other] Choisissez une fiche. Page { $page } sur { $pages }.
    }

## Answers to a question

suggest =
    Je veux être sûr de bien comprendre.
    <b>Vous parlez de :</b>
button-none = 🚫 Rien de tout cela
unknown =
    <b>Je ne sais pas répondre à cette question.</b>
    { $nearest ->
        [none] Essayez avec d'autres mots. Ou demandez à quelqu'un.
       *[some] Voici ce que je connais de plus proche. Sinon, demandez à quelqu'un.
    }
unknown-official = <b>Le site officiel de l'État en parle peut-être :</b>
official-item = 🏛️ <b>{ $title }</b>
official-date = <i>service-public.fr, fiche { $id }, { $date }.</i>
official-old = ⚠️ Ce texte est ancien. Le site donne le texte à jour.
button-hand = 📨 Transmettre à l'équipe
button-notify = 🔔 Prévenez-moi
handed =
    📨 <b>C'est transmis à l'équipe du contrat de ville.</b>
    Elle a votre question, sans votre nom. Les numéros et les adresses mail sont cachés.

    Voulez-vous être prévenu de la réponse ? Je garde alors cette conversation en mémoire, { $days } jours au plus.
handed-unreadable = Je ne retrouve plus votre question. Écrivez-la encore, puis touchez « Transmettre à l'équipe ».
will-notify =
    🔔 <b>C'est noté.</b> Je vous écris ici dès que l'équipe répond.
    Vous pouvez arrêter quand vous voulez.
button-forget = 🔕 Ne plus me prévenir
forgotten = 🔕 C'est fait. J'ai oublié cette conversation.
team-answer =
    🔔 <b>L'équipe du contrat de ville vous répond.</b>

    Vous aviez demandé : « { $question } »

    { $answer }

    Vous avez une autre question ? Écrivez-la ici. J'ai maintenant oublié que vous attendiez.
notify-too-late = Cette question n'est plus en attente. Vous pouvez la poser encore.
rephrase =
    D'accord. Écrivez votre question avec d'autres mots.
    Un ou deux mots suffisent parfois. Par exemple : « caution », « copil », « rats ».

doleance =
    🛠️ <b>{ $label }</b> : j'ai compris, il y a un problème dans votre logement ou votre immeuble.

    <b>Prévenez votre bailleur</b> (celui qui reçoit votre loyer). Dites l'adresse, l'étage, ce qui se passe, et depuis quand.
    Son numéro est sur votre quittance de loyer, et souvent dans le hall.
doleance-public =
    🛠️ <b>{ $label }</b> : j'ai compris, il y a un problème dans votre quartier.

    { $who ->
        [ville] C'est la ville qui s'en occupe, le plus souvent. Dites à votre mairie où c'est, et depuis quand.
       *[metropole] C'est la métropole qui s'en occupe, le plus souvent. Dites où c'est, et depuis quand. Votre mairie peut transmettre.
    }
doleance-unclear =
    🛠️ J'ai compris, il y a un problème dans votre logement.

    <b>De quoi s'agit-il ?</b>
doleance-read = Ces fiches disent vos droits :
button-who-is-bailleur = 🔎 Qui est mon bailleur ?
problem-title =
    🛠️ <b>Un problème de logement</b>
    Touchez ce qui ressemble le plus.

## Emergencies

emergency-head = { $icon } <b>{ $title }</b>
emergency-call = 📞 <b>{ $phone }</b> – { $name }{ $when }
emergency-first = 📞 <b>APPELEZ MAINTENANT : { $phone }</b> – { $name }{ $when }
emergency-note = <i>Je suis un programme : je ne peux pas appeler à votre place. Ce que vous avez écrit n'est pas gardé.</i>
emergency-note-discreet = <i>Ce que vous avez écrit n'est pas gardé.</i>
emergency-list =
    🚨 <b>Danger ? Appelez le 112.</b>
    C'est gratuit, jour et nuit. Sans parler : SMS au 114.
    Je suis un programme : je ne peux pas appeler pour vous.

    Que se passe-t-il ?
button-erase = 🗑️ Effacer ces messages
button-not-urgent = Ce n'est pas un danger
not-urgent =
    D'accord, merci.
    Écrivez votre question, ou touchez un bouton.

## Opinions

thanks-useful = 👍 Merci !
why-useless =
    Merci de le dire. <b>Qu'est-ce qui ne va pas ?</b>
    Vous aidez à corriger la fiche. Votre nom n'est pas gardé.
button-reason-wrong = C'est faux ou périmé
button-reason-unclear = Je n'ai pas compris
button-reason-other = Ce n'est pas ma question
button-reason-short = Il manque quelque chose
thanks-useless =
    Merci. Nous relirons cette fiche.
    Vous pouvez poser votre question avec d'autres mots, ou parler à quelqu'un.

## What cannot be read

unreadable =
    { $kind ->
        [voice] 🎤 Je ne peux pas encore écouter les messages vocaux.
        [photo] 🖼️ Je vois une image, mais je ne sais pas la lire.
        [document] 📎 Je ne sais pas lire les fichiers.
        [location] 📍 J'ai reçu une position, mais je ne m'en sers pas ici.
        [sticker] 🙂 Merci pour l'image !
       *[other] Je ne sais pas lire ce genre de message.
    }
    <b>Écrivez votre question avec des mots.</b> Un seul mot suffit parfois.
empty-message = Votre message est vide pour moi. Écrivez votre question avec des mots.
stale-button = Ce bouton est trop vieux. Voici le menu.
unknown-command =
    Je ne connais pas cette commande.
    { menu-title }
edited-note = <i>Vous avez changé votre message. Voici la nouvelle réponse.</i>
greeting =
    👋 Bonjour ! <b>Écrivez votre question</b> avec vos mots. Ou touchez un bouton.
thanks-reply = Avec plaisir. Vous avez une autre question ? Écrivez-la.
goodbye-reply = Au revoir, et bonne continuation. Je reste ici si vous avez une question.

## Groups

group-help =
    👋 Je suis Passerelle. Dans un groupe, je réponds seulement si on me le demande :
    /question suivi de votre question, ou @{ $username } suivi d'un mot.
    Ce que disent les autres messages, je ne le lis pas.
group-private = Pour une question personnelle, écrivez-moi en privé : vos voisins ne verront rien.
button-private = 💬 M'écrire en privé

## Inline mode

inline-empty = Écrivez un mot : qpv, copil, apl…
inline-nothing = Je ne trouve pas ce mot.
inline-open = Ouvrir Passerelle

## Errors

went-wrong =
    😕 <b>Quelque chose n'a pas marché de mon côté.</b> Ce n'est pas votre faute.
    Essayez encore dans un moment. Si cela recommence, donnez ce code à l'équipe : <b>{ $reference }</b>
    { danger-line }
operator-incident =
    ⚠️ <b>Erreur { $reference }</b> : { $kind }
    Le journal du service dit où, avec ce code.
operator-set-aside =
    ⚠️ <b>Un message n'a pas pu être traité</b> ({ $kind }, essayé { $times } fois). Il est mis de côté : ligne { $row } de la table inbox.

## The asker's language

language-note-en = This answer is in French. You may ask somebody to read it with you.
language-note-ar = هذا الجواب بالفرنسية. يمكنك أن تطلب من شخص أن يقرأه معك.
language-note-tr = Bu cevap Fransızca. Birinden sizinle birlikte okumasını isteyebilirsiniz.
language-note-pt = Esta resposta está em francês. Pode pedir a alguém que a leia consigo.
language-note-es = Esta respuesta está en francés. Puede pedir a alguien que la lea con usted.
language-note-it = Questa risposta è in francese. Può chiedere a qualcuno di leggerla con Lei.
language-note-de = Diese Antwort ist auf Französisch. Sie können jemanden bitten, sie mit Ihnen zu lesen.
language-note-ru = Этот ответ на французском языке. Вы можете попросить кого-нибудь прочитать его вместе с вами.

## Commands, as Telegram shows them

command-start = Commencer
command-aide = Comment ça marche
command-question = Poser une question
command-droits = Mes droits, par thème
command-glossaire = Les mots du contrat
command-contrat = Le contrat de ville en détail
command-urgence = Numéros d'urgence
command-humain = Parler à quelqu'un
command-annuler = Revenir au début
bot-description =
    Passerelle répond aux questions des habitants : logement, aides, papiers, contrat de ville. Chaque réponse dit d'où elle vient. Danger : 112.
bot-short-description = Vos questions sur le logement, vos droits et le contrat de ville.
