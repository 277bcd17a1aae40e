package scaffold

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// lines writes a file line by line, each with a comment or none.
type lines func(text, comment string)

// Configuration is the text of astrago.yaml for a layout.
func (l Layout) Configuration() string {
	var b strings.Builder
	line := func(text, comment string) {
		if comment != "" {
			text = fmt.Sprintf("%-48s # %s", text, escape.Line(comment))
		}
		b.WriteString(text + "\n")
	}
	line("# yaml-language-server: $schema="+l.Submodule+"/templates/"+config.SchemaName, "")
	line("# What `mage build`, `push`, `bump` and `release` do for this repository: "+l.Submodule+"/docs/configuration.md.", "")
	line("version: 1", "")
	line("service: "+quoteYAML(l.Service), "in commit messages and reports")
	line("image: "+l.Image, l.imageComment())
	if len(l.Prepare) > 0 {
		line("prepare:", "once, before the images, in the repository's root")
		for _, command := range l.Prepare {
			line("  - "+quoteCommand(command), "")
		}
	}
	line("components:", "")
	for _, c := range l.Components {
		c.writeComponent(line)
	}
	writeLeftOut(line, l.LeftOut)
	if l.Unread != "" {
		line("  # not read: "+escape.Line(l.Unread), "")
	}
	line("environments:", "")
	for i, e := range l.Environments {
		e.writeEnvironment(line, i, len(l.Environments))
	}
	return b.String()
}

// imageComment says who else names the repository, or that this is a guess.
func (l Layout) imageComment() string {
	switch {
	case l.ImageFound != "":
		return "as in " + l.ImageFound
	case l.ImageUnknown != "":
		return "a guess: " + l.ImageUnknown + " pushes to what only a run knows"
	}
	return "a guess by the name of origin; a component may have its own `image:`"
}

// keys returns a component's build settings, each as a line of YAML.
func (c Component) keys() (keys []string) {
	if c.Context != "." {
		keys = append(keys, "context: "+quoteYAML(c.Context))
	}
	if c.Context == "." || c.Dockerfile != c.Context+"/Dockerfile" {
		keys = append(keys, "dockerfile: "+quoteYAML(c.Dockerfile))
	}
	if c.Target != "" {
		keys = append(keys, "target: "+quoteYAML(c.Target))
	}
	if c.Image != "" {
		keys = append(keys, "image: "+c.Image)
	}
	return keys
}

// longest is the maximum length of a line with a whole component.
const longest = 100

// writeComponent renders a component in a line, or in more where arguments or its cache would make that a long one.
func (c Component) writeComponent(line lines) {
	keys, whole := c.keys(), ""
	if len(c.Args)+len(c.Contexts) == 0 && c.Cache == "" {
		whole = "  " + quoteYAML(c.Name) + ": { " + strings.Join(keys, ", ") + " }"
	}
	if whole != "" && len(whole) <= longest && !strings.HasPrefix(c.Target, "<") {
		line(whole, c.witness())
		return
	}
	line("  "+quoteYAML(c.Name)+":", c.witness())
	for _, key := range keys {
		line("    "+key, "")
	}
	c.writeArguments(line)
	if len(c.Contexts) > 0 {
		line("    contexts:", "")
		for _, name := range slices.Sorted(maps.Keys(c.Contexts)) {
			line("      "+quoteYAML(name)+": "+quoteYAML(c.Contexts[name]), "")
		}
	}
	if c.Cache != "" {
		mode := ""
		if c.file.stages > 1 {
			mode = ", mode: max" // also of stages that the image is not made of
		}
		line("    cache: { image: "+c.Cache+mode+" }", "the steps of its build, for machines that have not run them")
	}
}

func (c Component) writeArguments(line lines) {
	if c.givenArgs() > 0 {
		line("    args:", "")
	}
	for _, a := range c.Args {
		text := quoteYAML(a.Name) + ": " + quoteYAML(a.Value)
		switch {
		case a.Doubt != "":
			line("    # args: { "+text+" }", "as in "+a.Found+", and "+a.Doubt+" does without")
		case a.isQuestion():
			line("      "+text, "asked for by "+a.Found)
		default:
			line("      "+text, "as in "+a.Found)
		}
	}
}

// givenArgs returns the number of a component's arguments that are not in doubt.
func (c Component) givenArgs() (n int) {
	for _, a := range c.Args {
		if a.Doubt == "" {
			n++
		}
	}
	return n
}

// witness says which files of the repository a component is taken from.
func (c Component) witness() string {
	if len(c.Witnesses) == 0 {
		return ""
	}
	return "as in " + strings.Join(c.Witnesses[:min(len(c.Witnesses), 2)], ", ")
}

// mostLeftOut is the maximum number of images shown that are not proposed.
const mostLeftOut = 20

// writeLeftOut shows as comments what the repository could build, too.
func writeLeftOut(line lines, left []LeftOut) {
	for _, c := range left[:min(len(left), mostLeftOut)] {
		line("  # "+quoteYAML(c.Name)+": { "+strings.Join(c.keys(), ", ")+" }", c.Reason)
	}
	if n := len(left) - mostLeftOut; n > 0 {
		line(fmt.Sprintf("  # and %d more Dockerfiles", n), "")
	}
}

// writeEnvironment renders one environment of several. The deployment repository is named once.
func (e Environment) writeEnvironment(line lines, i, of int) {
	repository, comment, fileComment, setComment := e.Repository, "", "", "yq: where a component's tag stands in that file"
	if e.Found != "" && repository != whichRepository {
		comment = "as in " + e.Found
	}
	if e.FileFound != "" {
		fileComment = "as in " + e.FileFound
	}
	if e.SetFound != "" {
		setComment = "as in " + e.SetFound
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
	if len(e.Tags) > 0 {
		line("    # tags: "+list(e.Tags), "deploy here today; they may in place of the branches, with {{ .Version }} in `tag`")
	}
	line("    deploy:", "")
	line("      repository: "+repository, comment)
	line("      branch: "+quoteYAML(e.Branch), "of the deployment repository")
	line("      file: "+quoteYAML(e.File), fileComment)
	line("      set: '"+strings.ReplaceAll(e.Set, "'", "''")+"'", setComment)
	if e.PullReq {
		line("      mode: pull-request", "or commit, on the branch itself")
	}
}

// plainText needs no quotes in YAML, also within brackets.
var plainText = regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./-]*$|^<[^<>\pC,:#{}\[\]]+>$`)

// reservedWords are words that YAML reads as something else.
var reservedWords = regexp.MustCompile(`(?i)^(?:true|false|yes|no|on|off|null|y|n|~|\.nan|\.inf)$`)

// quoteYAML writes a string as a scalar: with double quotes where it has what single ones would not keep.
func quoteYAML(text string) string {
	switch {
	case plainText.MatchString(text) && !reservedWords.MatchString(text):
		return text
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Sprintf("%+q", text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// plainCommand is one that YAML reads as it is.
var plainCommand = regexp.MustCompile(`^[A-Za-z_./][^\pC:#]*$`)

func quoteCommand(command string) string {
	if plainCommand.MatchString(command) && !strings.HasSuffix(command, " ") {
		return command
	}
	return quoteYAML(command)
}

func list(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = quoteYAML(item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
