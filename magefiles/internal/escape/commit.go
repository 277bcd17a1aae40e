package escape

import (
	"regexp"
	"strconv"
)

// mentionPattern finds @account in plain text; a digest behind a name is none.
var mentionPattern = regexp.MustCompile(`(^|[^\w.@/:-])@\w`)

// Commit returns a value for a line of a commit's message: what is empty or would break the line is quoted, and nothing in
// it mentions an account or closes an issue.
func Commit(value string) string {
	if quoted := strconv.Quote(value); value == "" || quoted != `"`+value+`"` {
		value = quoted
	}
	value = mentionPattern.ReplaceAllStringFunc(value, splitMark)
	return referencePattern.ReplaceAllStringFunc(value, splitMark)
}
