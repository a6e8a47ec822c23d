package storagetest

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// Schemas checks the fixtures of every schema that ever landed: folder has NNNN.sql, a database of that schema as text,
// made by Dump when the schema was new. fill makes a database at a path with everything that can be in one and closes
// it; check opens the one at the path, which brings it up to date, and wants the content that could be in one of that
// schema. A schema without its fixture fails, as does a fixture whose schema is not what its migrations make today: they
// are never edited after they landed.
func Schemas(
	t *testing.T, migrations, folder string, fill func(t *testing.T, path string), check func(t *testing.T, path string, schema int),
) {
	t.Helper()
	newest := count(t, filepath.Join(migrations, "*.sql"))
	fresh := filepath.Join(t.TempDir(), "fresh.db")
	fill(t, fresh)
	for number := 1; number <= newest; number++ {
		fixture := filepath.Join(folder, fmt.Sprintf("%04d.sql", number))
		text, err := os.ReadFile(fixture)
		if os.IsNotExist(err) && number == newest {
			writeFixture(t, fixture, fresh)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(fixture), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "old.db")
			load(t, path, string(text))
			check(t, path, number)
			if got, want := tables(Dump(t, path)), tables(Dump(t, fresh)); got != want {
				t.Errorf("migrated, it has the tables\n%s\na new one has\n%s", got, want)
			}
		})
	}
}

// writeFixture makes what has to be committed, and fails until it is.
func writeFixture(t *testing.T, fixture, fresh string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(fixture), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fixture, []byte(Dump(t, fresh)), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Errorf("the newest schema had no fixture: %s is written now, commit it", fixture)
}

func count(t *testing.T, pattern string) int {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return len(files)
}

// Dump writes a closed database as text: statements that make the same one.
func Dump(t *testing.T, path string) string {
	t.Helper()
	db := open(t, path)
	var text strings.Builder
	for _, name := range []string{"application_id", "user_version", "auto_vacuum"} {
		fmt.Fprintf(&text, "PRAGMA %s = %s;\n", name, column(t, db, "PRAGMA "+name)[0])
	}
	for _, statement := range column(t, db, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid") {
		fmt.Fprintf(&text, "%s;\n", statement)
	}
	for _, table := range column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid") {
		for _, row := range column(t, db, rowsQuery(t, db, table)) {
			fmt.Fprintf(&text, "%s;\n", row)
		}
	}
	return text.String()
}

// rowsQuery gives a query for the rows of a table as statements.
func rowsQuery(t *testing.T, db *sql.DB, table string) string {
	t.Helper()
	var names, values []string
	for _, name := range column(t, db, "SELECT name FROM pragma_table_info('"+table+"')") {
		names = append(names, name)
		values = append(values, "quote("+name+")")
	}
	return fmt.Sprintf("SELECT 'INSERT INTO %s (%s) VALUES (' || %s || ')' FROM %s",
		table, strings.Join(names, ", "), strings.Join(values, " || ', ' || "), table)
}

// tables are the statements that make tables and indexes, without line breaks: ALTER TABLE puts columns where no line
// ends.
func tables(dump string) string {
	var creates []string
	for statement := range strings.SplitSeq(dump, ";\n") {
		if strings.HasPrefix(statement, "CREATE") {
			creates = append(creates, strings.Join(strings.Fields(statement), " "))
		}
	}
	return strings.Join(creates, "\n")
}

func load(t *testing.T, path, text string) {
	t.Helper()
	if _, err := open(t, path).ExecContext(t.Context(), text); err != nil {
		t.Fatalf("load a fixture: %v", err)
	}
}

// open opens a database behind the product's back: nobody else may have it open.
func open(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func column(t *testing.T, db *sql.DB, query string) (texts []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return texts
}
