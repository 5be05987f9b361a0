function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/).filter((word) => word !== ''))
}

/** Elements that load or run something as soon as they have one of their attributes. */
export const activeElements: ReadonlySet<string> = setOf(
  `iframe frame frameset object embed applet meta base link isindex layer ilayer bgsound xml vmlframe event-source
  import portal fencedframe basefont param discard`,
)

/** Elements in which names and values animate attributes (SVG, SMIL, HTML+TIME). */
export const animationElements: ReadonlySet<string> = setOf(
  'animate animatetransform animatemotion animatecolor set handler',
)

/** Elements that an author of text has no use for. */
export const oddElements: ReadonlySet<string> = setOf(
  `svg math form input button textarea select keygen marquee video audio source noscript template xss
  foreignobject use image picture details dialog style title listing xmp plaintext noembed noframes maction
  mtext mglyph annotation-xml desc animate set isindex body html head comment script event-source menu`,
)

/** Attributes that a browser follows, loads or submits to. */
export const urlAttributes: ReadonlySet<string> = setOf(
  `href src action formaction data background poster dynsrc lowsrc codebase code classid cite longdesc usemap profile
  icon manifest archive xlink:href ping srcset folder from to values by content url value srcdoc location lowsrc
  imagesrcset actuate xml:base datasrc requiredextensions template style vrml pluginspage pluginurl movie`,
)

/** Events of HTML, SVG, pointers, media, touch, animation, and of older browsers, without `on`. */
export const eventNames: ReadonlySet<string> = setOf(
  `abort activate afterprint afterupdate animationcancel animationend animationiteration animationstart auxclick
  beforeactivate beforecopy beforecut beforedeactivate beforeeditfocus beforeinput beforematch beforepaste beforeprint
  beforescriptexecute afterscriptexecute beforetoggle beforeunload beforeupdate begin blur bounce cancel canplay
  canplaythrough cellchange change click close command contentvisibilityautostatechange contextlost contextmenu
  contextrestored controlselect copy cuechange cut dataavailable datasetchanged datasetcomplete dblclick deactivate drag
  dragdrop dragend dragenter dragexit dragleave dragover dragstart drop durationchange emptied end ended error
  errorupdate filterchange finish focus focusin focusout formchange formdata forminput fullscreenchange fullscreenerror
  gesturechange gestureend gesturestart gotpointercapture hashchange help input invalid keydown keypress keyup
  languagechange layoutcomplete load loadeddata loadedmetadata loadend loadstart losecapture lostpointercapture
  mediacomplete mediaerror message messageerror mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup
  mousewheel move moveend movestart mozfullscreenchange offline online orientationchange outofsync pagehide pagereveal
  pageshow pageswap paste pause play playing pointercancel pointerdown pointerenter pointerleave pointermove pointerout
  pointerover pointerrawupdate pointerup popstate progress propertychange ratechange readystatechange rejectionhandled
  redo repeat reset resize resizeend resizestart resume reverse rowdelete rowenter rowexit rowinserted rowsdelete
  rowsinserted scroll scrollend scrollsnapchange scrollsnapchanging search securitypolicyviolation seek seeked seeking
  select selectionchange selectstart show slotchange stalled start stop storage submit suspend syncrestored timeerror
  timeupdate toggle touchcancel touchend touchmove touchstart trackchange transitioncancel transitionend transitionrun
  transitionstart undo unhandledrejection unload urlflip validationstatuschange visibilitychange volumechange waiting
  waitingforkey webkitanimationend webkitanimationiteration webkitanimationstart webkitfullscreenchange
  webkitmouseforcechanged webkitmouseforcedown webkitmouseforceup webkitmouseforcewillbegin
  webkitplaybacktargetavailabilitychanged webkittransitionend webkitwillrevealbottom wheel zoom`,
)

/** Functions and objects that a script of an attacker reaches for. */
export const scriptSinks: ReadonlySet<string> = setOf(
  `alert confirm prompt eval settimeout setinterval setimmediate execscript function fetch xmlhttprequest importscripts
  import atob btoa fromcharcode constructor document window top self parent frames location globalthis cookie
  localstorage sessionstorage write writeln print open navigate onerror throw with reflect string array object unescape
  decodeuricomponent decodeuri console navigator websocket image createelement appendchild innerhtml outerhtml srcdoc
  postmessage this valueof tostring name event domain`,
)

/** Functions that nothing but a trial of an attack calls in a value. */
export const trialCalls: ReadonlySet<string> = setOf('alert confirm prompt eval execscript')
