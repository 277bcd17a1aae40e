package initialize

import (
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// mostOfOneReason is the number of Dockerfiles named that are left out for the same reason: a parser's test data may hold dozens.
const mostOfOneReason = 3

// leftOutRows are the Dockerfiles that are not proposed, those of one reason together.
func leftOutRows(left []scaffold.LeftOut) []console.Row {
	var reasons []string
	files := map[string][]string{}
	for _, c := range left {
		if files[c.Reason] == nil {
			reasons = append(reasons, c.Reason)
		}
		files[c.Reason] = append(files[c.Reason], c.Dockerfile)
	}
	var rows []console.Row
	for _, reason := range reasons {
		named, more := files[reason], ""
		if len(named) > mostOfOneReason {
			named, more = named[:1], fmt.Sprintf(" and %d more", len(named)-1)
		}
		for _, file := range named {
			rows = append(rows, console.Row{Name: "left out", Text: file + more + ": " + reason})
		}
	}
	return rows
}
