// Package storagetest has what tests of databases share: every schema that ever landed, as text.
package storagetest
