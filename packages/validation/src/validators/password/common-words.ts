/**
 * Words that people build passwords of, the commonest first: what stands for the password itself, affection, names, animals,
 * sports, months, places, makes, heroes. Put together for this package; with {@link commonSuffixes}, leet spelling and keyboard
 * walks they stand for tens of thousands of passwords.
 */
export const commonWords: readonly string[] = (
  'password qwerty admin welcome letmein iloveyou monkey dragon login master sunshine princess football baseball shadow ' +
  'superman michael abc secret passw0rd batman trustno hello freedom whatever starwars charlie jordan access flower hottie ' +
  'loveme summer winter spring autumn computer internet samsung google facebook ashley daniel jessica michelle jennifer ' +
  'hunter killer soccer hockey tigger ginger pepper cheese cookie banana orange apple cherry chocolate diamond golden silver ' +
  'matrix ninja mustang ferrari porsche mercedes corvette harley yamaha honda toyota nissan chelsea liverpool arsenal ' +
  'barcelona madrid juventus yankees cowboys lakers eagles steelers rangers tigers bulldog buster maggie bailey jasper ' +
  'thomas robert andrew joshua matthew anthony william george richard david james john mary anna maria laura sarah nicole ' +
  'amanda andrea angela alexander alexandra benjamin christian christopher patrick steven martin peter simon stefan samuel ' +
  'sebastian victoria natalie natasha melissa stephanie rebecca rachel hannah sophie emily emma olivia jacob ethan ryan ' +
  'justin brandon tyler austin dallas phoenix london paris berlin america canada mexico germany france russia brazil china ' +
  'india england scotland ireland january february march april may june july august september october november december ' +
  'monday tuesday wednesday thursday friday saturday sunday purple yellow green black white blue red pink rainbow butterfly ' +
  'unicorn dolphin elephant tiger lion bear wolf eagle falcon hawk snake spider turtle rabbit kitten puppy doggie kitty ' +
  'panther jaguar horse mickey minnie donald pokemon pikachu naruto sonic mario zelda minecraft roblox fortnite warcraft ' +
  'starcraft counter gandalf frodo hobbit potter voldemort hogwarts yoda vader skywalker spiderman ironman hulk thor wolverine ' +
  'marvel avengers joker harley gotham metallica nirvana slipknot eminem beatles elvis madonna rihanna beyonce bieber music ' +
  'guitar piano dance dancer singer lover love loveyou babygirl babyboy baby angel angels heaven jesus christ blessed faith ' +
  'hope grace peace god lord devil satan lucifer demon ghost magic merlin wizard knight king queen prince royal champion ' +
  'winner lucky happy smile smiley forever friend friends family mother father daddy mommy brother sister sweetheart honey ' +
  'sugar candy cupcake pumpkin peanut coffee pizza hamburger pass pwd passwort kennwort geheim hallo schatz motdepasse azerty ' +
  'bonjour soleil doudou chouchou contrasena hola amor teamo estrella mariposa senha ciao amore juventus wachtwoord haslo ' +
  'polska parola sifre default changeme change test tester testing temp temporary guest user root administrator system server ' +
  'database oracle mysql cisco linux windows microsoft android iphone apple amazon twitter instagram youtube netflix spotify ' +
  'gmail yahoo hotmail office company business money dollar bitcoin crypto million player gamer game games hacker hacking ' +
  'cyber digital network security private public open sesame enter start begin nothing something anything everything nobody ' +
  'somebody whoever never always trouble danger fire water earth wind storm thunder lightning snow ocean river mountain ' +
  'forest flower garden rose lily daisy jasmine violet star stars moon galaxy planet space rocket apollo saturn mercury venus ' +
  'jupiter zeus athena hercules achilles spartan gladiator viking pirate captain sergeant general soldier sniper assassin ' +
  'police doctor nurse teacher student school college university maverick rocky rambo terminator predator alien zombie vampire'
).split(' ')

const years = Array.from({ length: 131 }, (_, at) => String(1_930 + at))

/** What people put behind a word, or before it. */
export const commonSuffixes: ReadonlySet<string> = new Set([
  '',
  ...'1 2 3 7 8 9 01 02 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 42 69 77 88 99 00'.split(
    ' ',
  ),
  ...'111 123 321 420 666 777 911 007 000 1234 4321 12345 54321 123456 654321 1234567 12345678 1111 0000 abc 123abc'.split(
    ' ',
  ),
  ...'! !! !!! !1 1! 1!! 12! 123! 1234! !123 @ @1 @123 # #1 $ * . ? ?! !@# !@#$ 1234!@#$ 123# 123$ 123. _1 -1 s x xx xxx'.split(
    ' ',
  ),
  ...years.flatMap((year) => [year, `${year}!`, `!${year}`, `@${year}`, `#${year}`, `${year}.`, year.slice(2)]),
])

/** Rows and columns of keyboards (QWERTY, QWERTZ, AZERTY, number pad) along which fingers walk. */
export const keyboardRows: readonly string[] = [
  '1234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qsdfghjklm',
  'zxcvbnm',
  'yxcvbnm',
  'wxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  'zaq12wsxcde34rfvbgt56yhn',
  '147258369',
  '789456123',
  '!@#$%^&*()',
]
