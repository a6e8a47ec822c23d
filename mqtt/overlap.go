package mqtt

import "strings"

// Overlap reports whether some topic matches both of two valid filters (not shared ones).
func Overlap(a, b string) bool {
	wildFirst := func(f string) bool { return f[0] == '+' || f[0] == '#' }
	if a[0] == '$' && wildFirst(b) || b[0] == '$' && wildFirst(a) {
		return false
	}
	for {
		if a == "#" || b == "#" {
			return true
		}
		levelA, restA, moreA := strings.Cut(a, "/")
		levelB, restB, moreB := strings.Cut(b, "/")
		switch {
		case levelA != "+" && levelB != "+" && levelA != levelB:
			return false
		case !moreA:
			return !moreB || restB == "#"
		case !moreB:
			return restA == "#"
		}
		a, b = restA, restB
	}
}

// Covers reports whether every topic that the second filter matches matches the first one too.
func Covers(a, b string) bool {
	if a == "+/#" {
		a = "#" // no topic is empty
	}
	if b[0] == '$' && (a[0] == '+' || a[0] == '#') {
		return false
	}
	for {
		if a == "#" {
			return true
		}
		levelA, restA, moreA := strings.Cut(a, "/")
		levelB, restB, moreB := strings.Cut(b, "/")
		switch {
		case levelB == "#", levelA != "+" && levelA != levelB:
			return false
		case !moreB:
			return !moreA || restA == "#"
		case !moreA:
			return false
		}
		a, b = restA, restB
	}
}
