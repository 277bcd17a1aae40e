package yamledit

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// checkValue refuses what is never meant as a value. All of it has been deployed somewhere: an empty tag, the word null
// from an unset variable, a variable that was not expanded.
func checkValue(value string) error {
	switch {
	case strings.TrimSpace(value) == "":
		return errors.New("the new value is empty")
	case strings.EqualFold(value, "null") || value == "~":
		return fmt.Errorf("the new value is %q, which means that there is none", value)
	case strings.Contains(value, "{{") || hasVariable(value):
		return fmt.Errorf("the new value, of %s, holds a variable that was not filled in", characters(value))
	case !utf8.ValidString(value) || strings.ContainsFunc(value, source.IsInvisible):
		return fmt.Errorf("the new value, of %s, holds a line break or another control character", characters(value))
	}
	return nil
}

// characters is the length of a text that may not be shown.
func characters(text string) string { return excerpt.Characters(utf8.RuneCountInString(text)) }

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
