package value

// place says which place a byte on the wire, the one at i of size, has in big-endian order. The letters of an order name the
// significance of the bytes as they come, A is the highest. The four orders of 32 bits are names for habits: CDAB
// has the low word first, BADC has the bytes of each word swapped, DCBA has both; they hold for 16 and 64 bits alike.
func place(order string, i, size int) int {
	switch {
	case order == "CDAB":
		return size - 2 - i + 2*(i%2)
	case order == "BADC":
		return i ^ 1
	case order == "DCBA":
		return size - 1 - i
	case order != "ABCD" && len(order) == size:
		return int(order[i] - 'A')
	}
	return i
}
