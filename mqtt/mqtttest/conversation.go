package mqtttest

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

//go:embed conversations
var folder embed.FS

// Conversation is a dialogue with a server, byte for byte, or with our client, where the conversation plays the server.
// Files of them have one folder for each version of the protocol, one file for each chapter, and the folder client;
// common.txt has the abbreviations. A line is one of
//
//	=== title [statements]      a conversation begins
//	@name = bytes               an abbreviation for what follows; %1 to %9 stand for what its uses add
//	A> bytes                    connection A sends; it is opened at its first line
//	A< bytes                    the next packet on A is this
//	A?                          a ping is answered, and nothing comes before that
//	A|                          the other side closes A
//	A!                          A is closed without a word
//	verb argument               something that is not said on a connection, see Peer.Do
//
// and bytes are hexadecimal digits, 'text', 61x300 for 300 times the same byte, (bytes) after their length as a variable
// byte integer, <bytes> after their length in two bytes, $x for two bytes that are the same wherever they stand, and
// @name:argument:argument. What is expected may have .. for any byte and * for any number of any bytes.
type Conversation struct {
	// Name is the title with the statements.
	Name  string
	lines []string
	short map[string]string
}

// Conversations reads those of a folder: "3.1", "3.1.1" or "5.0" with a server, or "client".
func Conversations(tb testing.TB, name string) []Conversation {
	tb.Helper()
	files, err := fs.Glob(folder, path.Join("conversations", name, "*.txt"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no conversations in %q: %v", name, err)
	}
	short := map[string]string{}
	if rest := parse(tb, "conversations/common.txt", short); len(rest) > 0 {
		tb.Fatal("common.txt has a conversation")
	}
	var all []Conversation
	for _, file := range files {
		all = append(all, parse(tb, file, short)...)
	}
	return all
}

var abbreviation = regexp.MustCompile(`^@(\w+) = (.+)$`)

// parse takes a file apart and adds its abbreviations to short.
func parse(tb testing.TB, file string, short map[string]string) (all []Conversation) {
	tb.Helper()
	content, err := folder.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.SplitSeq(string(content), "\n") {
		line = strings.TrimSpace(line)
		title, begins := strings.CutPrefix(line, "=== ")
		definition := abbreviation.FindStringSubmatch(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case begins:
			all = append(all, Conversation{Name: title, short: short})
		case definition != nil:
			short[definition[1]] = definition[2]
		case len(all) == 0:
			tb.Fatalf("%s: %q stands before the first conversation", file, line)
		default:
			last := &all[len(all)-1]
			last.lines = append(last.lines, line)
		}
	}
	return all
}

// expand puts abbreviations in, inner ones too.
func (c *Conversation) expand(text string) (string, error) {
	const deep = 8
	for range deep {
		if !strings.Contains(text, "@") {
			return text, nil
		}
		fields := strings.Fields(text)
		for i, field := range fields {
			prefix, use, found := strings.Cut(field, "@")
			if !found {
				continue
			}
			arguments := strings.Split(use, ":")
			body, known := c.short[arguments[0]]
			if !known {
				return "", fmt.Errorf("there is no abbreviation %q", field)
			}
			for n, argument := range arguments[1:] {
				body = strings.ReplaceAll(body, fmt.Sprintf("%%%d", n+1), argument)
			}
			fields[i] = prefix + body
		}
		text = strings.Join(fields, " ")
	}
	return "", fmt.Errorf("abbreviations in %q go too deep", text)
}
