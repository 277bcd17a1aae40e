package config

import (
	"errors"
	"strings"
	"text/template"
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
