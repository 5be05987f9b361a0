/** Words of the filter where none are given: plain English insults and obscenities that most communities would not have. */
export const contentWords: readonly string[] = (
  'arse arsehole* ass asses asshole* bastard* bitch* bollocks bugger* bullshit* clusterfuck* cocksuck* cunt* dickhead* faggot* fuck* ' +
  'gook gooks jizz* kike kikes motherfuck* nigga niggas niggaz nigger* paki pakis prick pussy pussies retard retards shit* slut* spic spics tits ' +
  'tosser* tranny trannies twat twats wank wanked wanker* wanking wanks whore* wop wops'
).split(' ')

/** Innocent words that begin like one of those. */
export const innocentWords: readonly string[] = ['shitake*']
