// What fingers, mouse and keys do on a chart. Places are parts of the width of the plot, 0 to 1.

export interface Gestures {
  /** The stretch was moved or stretched by hand, and the hand is still there. */
  onMove: (from: number, to: number) => void;
  /** The hand is gone. */
  onEnd: () => void;
  /** A part was chosen with the mouse. */
  onSelect: (from: number, to: number) => void;
  /** A part is being chosen; undefined when it is not any more. */
  onMark: (from?: number, to?: number) => void;
  /** The wheel with the control key, or a pinch on a touch pad. */
  onZoom: (factor: number, place: number) => void;
}

interface Hand {
  id: number;
  start: number;
  now: number;
}

/** A movement below this is a click. */
const least = 0.01;

/** followHands listens until the result is called. */
export function followHands(target: HTMLElement, gestures: Gestures): () => void {
  const hands: Hand[] = [];
  let marking = false;

  const placeOf = (event: { clientX: number }) => {
    const { left, width } = target.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1);
  };

  const down = (event: PointerEvent) => {
    if (hands.length === 2 || event.button !== 0) {
      return;
    }
    marking = event.pointerType === "mouse" && !event.shiftKey;
    const place = placeOf(event);
    hands.push({ id: event.pointerId, start: place, now: place });
    target.setPointerCapture(event.pointerId);
  };

  const move = (event: PointerEvent) => {
    const hand = hands.find(({ id }) => id === event.pointerId);
    if (!hand) {
      return;
    }
    hand.now = placeOf(event);
    const [first, second] = hands;
    if (marking) {
      gestures.onMark(Math.min(hand.start, hand.now), Math.max(hand.start, hand.now));
    } else if (first && second) {
      gestures.onMove(...pinched(first, second));
    } else {
      gestures.onMove(hand.start - hand.now, 1 + hand.start - hand.now);
    }
  };

  const up = (event: PointerEvent) => {
    const at = hands.findIndex(({ id }) => id === event.pointerId);
    const [hand] = at < 0 ? [] : hands.splice(at, 1);
    if (!hand) {
      return;
    }
    if (marking) {
      gestures.onMark();
      if (event.type === "pointerup" && Math.abs(hand.now - hand.start) > least) {
        gestures.onSelect(Math.min(hand.start, hand.now), Math.max(hand.start, hand.now));
      }
    } else {
      gestures.onEnd();
    }
    // The finger that stays begins anew.
    for (const other of hands) {
      other.start = other.now;
    }
  };

  const wheel = (event: WheelEvent) => {
    if (event.ctrlKey) {
      event.preventDefault();
      gestures.onZoom(Math.exp(Math.min(Math.max(event.deltaY, -100), 100) / 200), placeOf(event));
    }
  };

  target.addEventListener("pointerdown", down);
  target.addEventListener("pointermove", move);
  target.addEventListener("pointerup", up);
  target.addEventListener("pointercancel", up);
  target.addEventListener("wheel", wheel, { passive: false });
  return () => {
    target.removeEventListener("pointerdown", down);
    target.removeEventListener("pointermove", move);
    target.removeEventListener("pointerup", up);
    target.removeEventListener("pointercancel", up);
    target.removeEventListener("wheel", wheel);
  };
}

/** pinched is the stretch with which what was below the fingers is below them again. */
export function pinched(first: Pick<Hand, "start" | "now">, second: Pick<Hand, "start" | "now">): [from: number, to: number] {
  const before = second.start - first.start;
  const after = second.now - first.now;
  // Fingers that cross or meet would turn the time round.
  const scale = Math.min(Math.max(Math.abs(after) < least ? 10 : before / after, 0.1), 10);
  const from = first.start - first.now * scale;
  return [from, from + scale];
}
