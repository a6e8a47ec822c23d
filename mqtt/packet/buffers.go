package packet

import (
	"io"
	"sync"
)

// The two sizes of a Reader's buffer, in bytes. An idle connection holds the small one; most packets fit into it, and
// then one read of the connection is enough.
const (
	smallBuffer = 512
	largeBuffer = 16 << 10
)

// Buffers lends the large read buffers of many connections: a Reader borrows one when more arrives than fits into its
// small one, and gives it back before it waits. The zero value is ready; it must not be copied.
type Buffers struct{ pool sync.Pool }

// NewReader is NewReader with a shared stock of buffers.
func (b *Buffers) NewReader(r io.Reader, maxSize int) *Reader {
	reader := NewReader(r, maxSize)
	reader.buffers = b
	return reader
}

func (b *Buffers) borrow() *[largeBuffer]byte {
	if buffer, ok := b.pool.Get().(*[largeBuffer]byte); ok {
		return buffer
	}
	return new([largeBuffer]byte)
}

func (b *Buffers) giveBack(buffer *[largeBuffer]byte) { b.pool.Put(buffer) }
