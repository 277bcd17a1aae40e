package scaffold

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// Configuration is the text of astrago.yaml for a layout.
func (l Layout) Configuration() string {
	var b strings.Builder
	line := func(text, comment string) {
		if comment != "" {
			text = fmt.Sprintf("%-48s # %s", text, comment)
		}
		b.WriteString(text + "\n")
	}
	line("# yaml-language-server: $schema=ci/templates/"+config.SchemaName, "")
	line("# What `mage build`, `push`, `bump` and `release` do for this repository: ci/docs/configuration.md.", "")
	line("version: 1", "")
	line("service: "+quoteYAML(l.Service), "in commit messages and reports")
	line("image: "+l.Image, "a component may have its own `image:`")
	if len(l.Prepare) > 0 {
		line("prepare:", "once, before the images, in the repository's root")
		for _, command := range l.Prepare {
			line("  - "+command, "")
		}
	}
	line("components:", "")
	for _, c := range l.Components {
		c.writeComponent(line)
	}
	line("environments:", "")
	for i, e := range l.Environments {
		e.writeEnvironment(line, i, len(l.Environments))
	}
	return b.String()
}

// writeComponent renders a component in a line, or in more where its cache would make that a long one.
func (c Component) writeComponent(line func(text, comment string)) {
	var keys []string
	if c.Context != "." {
		keys = append(keys, "context: "+quoteYAML(c.Context))
	}
	if c.Context == "." || c.Dockerfile != c.Context+"/Dockerfile" {
		keys = append(keys, "dockerfile: "+quoteYAML(c.Dockerfile))
	}
	if c.Cache == "" {
		line("  "+quoteYAML(c.Name)+": { "+strings.Join(keys, ", ")+" }", "")
		return
	}
	line("  "+quoteYAML(c.Name)+":", "")
	for _, key := range keys {
		line("    "+key, "")
	}
	mode := ""
	if c.file.stages > 1 {
		mode = ", mode: max" // also of stages that the image is not made of
	}
	line("    cache: { image: "+c.Cache+mode+" }", "the steps of its build, for machines that have not run them")
}

// writeEnvironment renders one environment of several. The deployment repository is named once.
func (e Environment) writeEnvironment(line func(text, comment string), i, of int) {
	repository, comment, fileComment := e.Repository, "", ""
	if e.Found != "" && repository != whichRepository {
		comment = "as in " + e.Found
	}
	if e.Found != "" && e.File != whichFile {
		fileComment = "as in " + e.Found
	}
	switch {
	case i > 0:
		repository = "*deployment"
		comment = ""
	case of > 1:
		repository = "&deployment " + repository
	}
	line("  "+quoteYAML(e.Name)+":", "")
	line("    branches: "+list(e.Branches), "of this repository, which deploy here")
	line("    deploy:", "")
	line("      repository: "+repository, comment)
	line("      branch: main", "of the deployment repository")
	line("      file: "+e.File, fileComment)
	line("      set: '"+strings.ReplaceAll(e.Set, "'", "''")+"'", "yq: where a component's tag stands in that file")
	if e.PullReq {
		line("      mode: pull-request", "or commit, on the branch itself")
	}
}

// plainText needs no quotes in YAML, also within brackets.
var plainText = regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./-]*$|^<[^<>]+>$`)

// reservedWords are words that YAML reads as something else.
var reservedWords = regexp.MustCompile(`(?i)^(?:true|false|yes|no|on|off|null|y|n|~|\.nan|\.inf)$`)

func quoteYAML(text string) string {
	if plainText.MatchString(text) && !reservedWords.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

func list(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = quoteYAML(item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
