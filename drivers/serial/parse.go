package serial

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

// Extractor finds the value of one point in a line. It is never changed and may be used by several goroutines.
type Extractor struct {
	point gateway.Point
	find  func(line string) (string, error)
	// optional says that a device may send lines which are not about this point.
	optional bool
}

// errAbsent says that a line is not about a point. Its wrapper says what was looked for.
var errAbsent = errors.New("not in the line")

// Compile reads the address of a point:
//
//	field:2             the second field; commas, semicolons and blanks separate
//	regex:([0-9.]+) kg  the first group of a regular expression, or all that it matches
//	key:T               the value behind T= or T:
//	json:/meter/power   a JSON pointer (RFC 6901) into a line of JSON
//	number:1            the first number in the text, with its sign
//	obis:1-0:1.8.1      what is in the last brackets behind the number of a meter, without its unit
//
// The error is a gateway.Error on field "address", "type" or "writable".
func Compile(p gateway.Point) (*Extractor, error) {
	kind, rest, _ := strings.Cut(p.Address, ":")
	e := &Extractor{point: p, optional: kind != "field"}
	var err error
	switch kind {
	case "field":
		e.find, err = findField(rest)
	case "regex":
		e.find, err = findRegex(rest)
	case "key":
		e.find, err = findKey(rest)
	case "json":
		e.find, err = findJSON(rest)
	case "number":
		e.find, err = findNumber(rest)
	case "obis":
		e.find, err = findOBIS(rest)
	default:
		err = errors.New("use field:2, regex:([0-9.]+) kg, key:NAME, json:/name, number:1 or obis:1-0:1.8.1")
	}
	switch {
	case err != nil:
		return nil, gateway.FieldErrorf("address", "%q is not a place in a line: %w", p.Address, err)
	case p.Count > 1:
		return nil, gateway.FieldErrorf("count", "a place in a line has one value")
	case p.Writable:
		return nil, gateway.FieldErrorf("writable", "a device that sends lines cannot be written")
	}
	return e, nil
}

// Check judges the address of a point; see Compile.
func Check(p gateway.Point) error {
	_, err := Compile(p)
	return err
}

// Extract finds the value, not scaled yet; its error says in words for the operator why there is none.
func (e *Extractor) Extract(line string) (gateway.Value, error) {
	text, err := e.find(line)
	if err != nil {
		return gateway.Value{}, err
	}
	return e.read(strings.TrimSpace(text))
}

var separator = regexp.MustCompile(`[ \t]*[,;][ \t]*|[ \t]+`)

func findField(text string) (func(string) (string, error), error) {
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > MaxLine {
		return nil, errors.New("fields count from 1")
	}
	return func(line string) (string, error) {
		fields := separator.Split(strings.TrimSpace(line), -1)
		if number > len(fields) {
			return "", fmt.Errorf("field %d is %w %s: it has %d fields", number, errAbsent, shown(line), len(fields))
		}
		return fields[number-1], nil
	}, nil
}

func findRegex(text string) (func(string) (string, error), error) {
	const longest = 1000
	if text == "" || len(text) > longest {
		return nil, fmt.Errorf("a regular expression has 1 to %d characters", longest)
	}
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	return func(line string) (string, error) {
		groups := pattern.FindStringSubmatch(line)
		if groups == nil {
			return "", fmt.Errorf("the pattern is %w %s", errAbsent, shown(line))
		}
		return groups[min(1, len(groups)-1)], nil
	}, nil
}

func findKey(name string) (func(string) (string, error), error) {
	if strings.TrimSpace(name) == "" {
		return nil, errors.New("the name is missing: use key:T for T=21.4 or T:21.4")
	}
	pattern, err := regexp.Compile(`(?:^|[\s,;{])"?` + regexp.QuoteMeta(name) + `"?\s*[=:]\s*"?([^\s,;"}]*)`)
	if err != nil {
		return nil, err
	}
	return func(line string) (string, error) {
		groups := pattern.FindStringSubmatch(line)
		if groups == nil {
			return "", fmt.Errorf("the key %q is %w %s", name, errAbsent, shown(line))
		}
		return groups[1], nil
	}, nil
}

func findJSON(pointer string) (func(string) (string, error), error) {
	if pointer != "" && pointer[0] != '/' {
		return nil, errors.New("a JSON pointer begins with a slash: json:/name")
	}
	return func(line string) (string, error) {
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		var found any
		if err := decoder.Decode(&found); err != nil {
			return "", fmt.Errorf("JSON is %w %s", errAbsent, shown(line))
		}
		for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
			if pointer == "" {
				break
			}
			if found = child(found, step); found == nil {
				return "", fmt.Errorf("%s is %w %s", pointer, errAbsent, shown(line))
			}
		}
		return jsonText(found)
	}, nil
}

// child goes one step of a JSON pointer; nil when there is nothing.
func child(in any, step string) any {
	step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
	switch in := in.(type) {
	case map[string]any:
		return in[step]
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(in) {
			return in[i]
		}
	}
	return nil
}

func jsonText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	return "", errors.New("the pointer leads to an object, a list or null instead of a value")
}

// shown quotes a line for a reason, at a length that fits on the page.
func shown(line string) string {
	const most = 60
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + "..."
	}
	return strconv.Quote(line)
}

// read turns a text into a value of the point's type.
func (e *Extractor) read(text string) (gateway.Value, error) {
	switch e.point.Type {
	case gateway.String:
		return e.readText(text)
	case gateway.Bool:
		return readTruth(text)
	case gateway.Float32, gateway.Float64:
		number, err := readNumber(text)
		if err != nil {
			return number, err
		}
		return number, e.fits(number)
	case gateway.Int16, gateway.Uint16, gateway.Int32, gateway.Uint32, gateway.Int64, gateway.Uint64:
		return e.readWhole(text)
	}
	return gateway.Value{}, fmt.Errorf("there is no type %q", e.point.Type)
}

func (e *Extractor) readText(text string) (gateway.Value, error) {
	if !utf8.ValidString(text) {
		runes := make([]rune, 0, len(text))
		for _, b := range []byte(text) {
			runes = append(runes, rune(b)) // Latin-1
		}
		text = string(runes)
	}
	if e.point.Length > 0 && len(text) > e.point.Length {
		return gateway.Value{}, fmt.Errorf("the text has %d bytes, more than the length of the point, %d", len(text), e.point.Length)
	}
	return gateway.TextValue(text), nil
}

func readTruth(text string) (gateway.Value, error) {
	switch strings.ToLower(text) {
	case "1", "true", "on", "yes":
		return gateway.BoolValue(true), nil
	case "0", "false", "off", "no":
		return gateway.BoolValue(false), nil
	}
	return gateway.Value{}, fmt.Errorf("%s is not 1, 0, true, false, on, off, yes or no", shown(text))
}

// number is a decimal number with a point or comma, and perhaps a unit right behind it.
var number = regexp.MustCompile(`^([+-]?)\s*(\d+(?:[.,]\d+)?|[.,]\d+)((?:[eE][+-]?\d+)?)\s*[\pL%°/²³]*$`)

func numberText(text string) (string, error) {
	parts := number.FindStringSubmatch(text)
	if parts == nil {
		return "", fmt.Errorf("%s is not a number", shown(text))
	}
	return parts[1] + strings.Replace(parts[2], ",", ".", 1) + parts[3], nil
}

func readNumber(text string) (gateway.Value, error) {
	digits, err := numberText(text)
	if err != nil {
		return gateway.Value{}, err
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return gateway.Value{}, fmt.Errorf("%s is too large", shown(text))
	}
	return gateway.FloatValue(f), nil
}

func (e *Extractor) readWhole(text string) (gateway.Value, error) {
	digits, err := numberText(text)
	if err != nil {
		return gateway.Value{}, err
	}
	number := gateway.TextValue(digits)
	if strings.ContainsAny(digits, ".eE") {
		if number, err = readNumber(text); err != nil {
			return gateway.Value{}, err
		}
	}
	layout := value.Layout{Type: e.point.Type}
	wire, err := layout.Encode(number)
	if err != nil {
		return gateway.Value{}, err
	}
	return layout.Decode(wire), nil
}

func (e *Extractor) fits(number gateway.Value) error {
	_, err := value.Layout{Type: e.point.Type}.Encode(number)
	return err
}

// lines makes a telegram of bytes a text of lines.
func lines(telegram []byte) string {
	return string(bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' {
			return -1
		}
		return r
	}, telegram))
}

// clean makes a line of bytes a text without control characters inside.
func clean(line []byte) string {
	return string(bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\t' {
			return -1
		}
		return r
	}, line))
}
