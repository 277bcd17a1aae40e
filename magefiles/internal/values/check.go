package values

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkValue refuses what is never meant as a value. All of it has been deployed somewhere: an empty tag, the word null
// from an unset variable, a variable that nobody expanded.
func checkValue(value string) error {
	switch {
	case strings.TrimSpace(value) == "":
		return errors.New("the new value is empty")
	case strings.EqualFold(value, "null") || value == "~":
		return fmt.Errorf("the new value is %q, which means that there is none", value)
	case strings.Contains(value, "{{") || hasVariable(value):
		return fmt.Errorf("the new value, of %s, holds a variable that was not filled in", characters(value))
	case !utf8.ValidString(value) || strings.ContainsFunc(value, isInvisible):
		return fmt.Errorf("the new value, of %s, holds a line break or another control character", characters(value))
	}
	return nil
}

// characters is the length of a text that may not be shown.
func characters(text string) string { return count(utf8.RuneCountInString(text)) }

func count(characters int) string {
	if characters == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", characters)
}

// hasVariable finds $NAME, ${NAME} and $(NAME).
func hasVariable(value string) bool {
	for i := range len(value) - 1 {
		next := value[i+1]
		if value[i] == '$' && (next == '{' || next == '(' || next == '_' || next|0x20 >= 'a' && next|0x20 <= 'z') {
			return true
		}
	}
	return false
}

// isInvisible finds control characters, the line breaks that only YAML 1.1 knows, and byte order marks.
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF' || r == '\uFFFE' || r == '\uFFFF'
}
