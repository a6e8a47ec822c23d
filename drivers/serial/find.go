package serial

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var signedNumber = regexp.MustCompile(`[+-]?\d+(?:\.\d+)?|[+-]?\.\d+`)

func findNumber(text string) (func(string) (string, error), error) {
	place, err := strconv.Atoi(text)
	if err != nil || place < 1 || place > MaxLine {
		return nil, errors.New("numbers count from 1")
	}
	return func(line string) (string, error) {
		numbers := signedNumber.FindAllString(line, place)
		if len(numbers) < place {
			return "", fmt.Errorf("number %d is %w %s: it has %d", place, errAbsent, shown(line), len(numbers))
		}
		return numbers[place-1], nil
	}, nil
}

// findOBIS finds a number of IEC 62056-61 at the beginning of a line: 1-0:1.8.1, or the short form 1.8.1.
func findOBIS(number string) (func(string) (string, error), error) {
	if strings.Trim(number, "0123456789.:-*CFLPcflp") != "" || number == "" {
		return nil, errors.New("write the number as the meter does: obis:1-0:1.8.1 or obis:1.8.1")
	}
	pattern, err := regexp.Compile(`(?m)(?:^|:)` + regexp.QuoteMeta(number) + `((?:\([^()\r\n]*\))+)`)
	if err != nil {
		return nil, err
	}
	return func(text string) (string, error) {
		groups := pattern.FindStringSubmatch(text)
		if groups == nil {
			return "", fmt.Errorf("%s is %w %s", number, errAbsent, shown(text))
		}
		brackets := strings.TrimSuffix(groups[1], ")")
		last := brackets[strings.LastIndexByte(brackets, '(')+1:]
		value, _, _ := strings.Cut(last, "*")
		return value, nil
	}, nil
}
