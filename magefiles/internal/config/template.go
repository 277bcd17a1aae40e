package config

import (
	"errors"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Template is a text/template with the place where it stands in the file, so that a failure can point at it.
type Template struct {
	Text   string
	Line   int
	Column int
}

// Execute returns the text for data, a struct or map of the fields that docs/configuration.md lists. A field that data lacks is an
// error that names it, never an empty text.
func (t Template) Execute(data any) (string, error) {
	parsed, err := t.parseTemplate()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := parsed.Execute(&b, data); err != nil {
		return "", plainTemplateError(err)
	}
	return b.String(), nil
}

func (t Template) parseTemplate() (*template.Template, error) {
	parsed, err := template.New("").Option("missingkey=error").Parse(t.Text)
	if err != nil {
		return nil, plainTemplateError(err)
	}
	return parsed, nil
}

// plainTemplateError takes the template's name and position off the messages of text/template: `template: :1:2: executing "" at <x>: `.
func plainTemplateError(err error) error {
	message := err.Error()
	if _, executing := errors.AsType[template.ExecError](err); executing {
		if _, cause, ok := strings.Cut(message, ">: "); ok {
			return errors.New(cause)
		}
	}
	for range 3 {
		if _, rest, ok := strings.Cut(message, ":"); ok {
			message = rest
		}
	}
	return errors.New(strings.TrimSpace(message))
}

// The fields that the templates of `tag`, `set` and `message` may use.
var (
	tagFields = []string{"Service", "Component", "Environment", "SHA", "ShortSHA", "Branch", "Version"}
	setFields = append(slices.Clone(tagFields), "Tag", "Digest", "Ref")

	messageFields = []string{"Headline", "Service", "Environment", "SHA", "ShortSHA", "Branch", "Version"}
)

const templateReference = "see https://pkg.go.dev/text/template"

// decodeTemplate decodes a template and checks its syntax and every field in it, also in branches that a sample would not
// take.
func decodeTemplate(d *yamlschema.Decoder, into *Template, fields []string) yamlschema.Decode {
	return func(v yamlschema.Value) {
		text, ok := d.StringValue(v, grammar.Command)
		if !ok {
			return
		}
		*into = Template{Text: text, Line: v.Line, Column: v.Column}
		parsed, err := into.parseTemplate()
		if err != nil {
			d.ReportAt(v.Node, templateReference, "%s: parsing the template: %v", v.Path, err)
			return
		}
		checkTemplateFields(d, v, parsed, fields)
	}
}

func checkTemplateFields(d *yamlschema.Decoder, v yamlschema.Value, parsed *template.Template, fields []string) {
	for _, used := range fieldsOf(parsed) {
		if slices.Contains(fields, used) {
			continue
		}
		line, column := d.Text().Find(v, "."+used)
		if what := fieldOfOtherTemplate(used); what != "" {
			d.Report(line, column, "`."+used+"` is "+what+"; use it in `set`", "%s uses the field .%s", v.Path, used)
			continue
		}
		names := make([]string, len(fields))
		for i, f := range fields {
			names[i] = "." + f
		}
		d.Report(line, column, yamlschema.Suggest("."+used, "fields", names), "%s uses the unknown field .%s", v.Path, used)
	}
}

// fieldOfOtherTemplate returns what a field is that not every template has, "" for a field of none.
func fieldOfOtherTemplate(field string) string {
	switch field {
	case "Tag":
		return "what `tag` gives"
	case "Digest", "Ref":
		return "known once the image is there"
	case "Component":
		return "one of several that a commit may set"
	}
	return ""
}

// fieldsOf lists the fields of the data that a template uses, once each: of `.A.B` and `$.A` that is A.
func fieldsOf(t *template.Template) []string {
	var fields []string
	var walk func(parse.Node)
	walk = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.FieldNode:
			fields = append(fields, n.Ident[0])
		case *parse.VariableNode:
			if n.Ident[0] == "$" && len(n.Ident) > 1 {
				fields = append(fields, n.Ident[1])
			}
		default:
			for _, child := range childNodes(n) {
				walk(child)
			}
		}
	}
	for _, associated := range t.Templates() { // itself, and what {{ define }} adds
		walk(associated.Root)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// childNodes are the nodes directly below one of a parsed template.
func childNodes(n parse.Node) []parse.Node {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil { // the list of an absent {{ else }}
			return n.Nodes
		}
	case *parse.ActionNode:
		return []parse.Node{n.Pipe}
	case *parse.PipeNode:
		var commands []parse.Node
		if n != nil { // the pipeline of {{ template "name" }}
			for _, c := range n.Cmds {
				commands = append(commands, c)
			}
		}
		return commands
	case *parse.CommandNode:
		return n.Args
	case *parse.ChainNode:
		return []parse.Node{n.Node}
	case *parse.TemplateNode:
		return []parse.Node{n.Pipe}
	case *parse.IfNode:
		return []parse.Node{n.Pipe, n.List, n.ElseList}
	case *parse.RangeNode:
		return []parse.Node{n.Pipe, n.List, n.ElseList}
	case *parse.WithNode:
		return []parse.Node{n.Pipe, n.List, n.ElseList}
	}
	return nil
}

// fieldList names the fields of a template for people.
func fieldList(fields []string) string {
	return "`." + strings.Join(fields, "`, `.") + "`"
}
