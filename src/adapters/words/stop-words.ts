/**
 * English words that say nothing about what is asked for. Other languages need no list: what is in every chunk weighs
 * next to nothing, and a list of one language holds words that mean something in another.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again all also am an and any are as at be because been before being below between both but by can
  could did do does doing don down during each few for from further had has have having he her here hers him his how i if
  in into is it its itself just let me more most my no nor not now of off on once only or other our ours out over own same
  she should so some such than that the their theirs them then there these they this those through to too under until up
  us very was we were what when where which while who whom why will with would you your yours s t d m ll re ve`.split(
    /\s+/,
  ),
);
