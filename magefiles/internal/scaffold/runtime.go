package scaffold

import (
	"fmt"
	"regexp"
	"strings"
)

// Runtime is the runtime of `prepare`.
type Runtime struct {
	Used    bool   // by prepare
	Version string // as setup-java and setup-node take it
	Manager string // whose cache it gets: gradle or maven; npm, yarn or pnpm
	Found   string // the file that names the version; empty where none does, and Version is a guess
}

// Where the templates' workflows say what prepare runs on: inputs of the called workflow, or of the action for own steps.
var (
	runtimeInput  = regexp.MustCompile(`(?m)^( +)(?:# )?((?:java-version|java-cache|node-version|package-manager):.*\n)`)
	runtimeInputs = regexp.MustCompile(`(?m)^( +)# with: \{.*\n`)
)

// runtimes writes what was found into a workflow. Where prepare needs none, the template's lines stay as comments.
func (l Layout) runtimes(workflow string) string {
	lines := append(l.Java.setupLines("java-version", "java-cache"), l.Node.setupLines("node-version", "package-manager")...)
	if len(lines) == 0 {
		return runtimeInput.ReplaceAllString(workflow, "${1}# ${2}")
	}
	written := false
	workflow = runtimeInput.ReplaceAllStringFunc(workflow, func(line string) string {
		if written {
			return ""
		}
		written = true
		return indentLines(runtimeInput.FindStringSubmatch(line)[1], lines)
	})
	return runtimeInputs.ReplaceAllStringFunc(workflow, func(line string) string {
		indent := runtimeInputs.FindStringSubmatch(line)[1]
		return indent + "with:\n" + indentLines(indent+"  ", lines)
	})
}

func (r Runtime) setupLines(version, manager string) []string {
	if !r.Used {
		return nil
	}
	source := "version not found"
	if r.Found != "" {
		source = "as in " + r.Found
	}
	return []string{
		fmt.Sprintf("%s: '%s'  # for `prepare`, %s", version, strings.ReplaceAll(r.Version, "'", "''"), source),
		manager + ": " + r.Manager,
	}
}

func indentLines(indent string, lines []string) string {
	return indent + strings.Join(lines, "\n"+indent) + "\n"
}
