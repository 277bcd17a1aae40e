package github

import "strings"

// Operations names every REST operation that is served, as Request.Operation does.
func Operations() []string {
	var names []string
	for _, r := range operations() {
		names = append(names, strings.ReplaceAll(r.pattern, "...}", "}"))
	}
	return names
}
