package config

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// sampleTag stands for any tag in an expression.
const sampleTag = "sample-0a1b2c3d"

// sampleDigest stands for any digest.
const sampleDigest = "sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f9010a1b2c3d4e5f60718293a4b5c6d7e8"

// templateSampler executes every template as a release would, with values of a commit that could be, so that what fails then
// fails at load.
type templateSampler struct {
	decoder  *yamlschema.Decoder
	config   *Config
	reported map[Template]bool
}

// checkSamples checks the rules over several keys; each key must be right by itself.
func checkSamples(d *yamlschema.Decoder, c *Config) {
	s := templateSampler{decoder: d, config: c, reported: map[Template]bool{}}
	for _, e := range c.Environments {
		tags := s.sampleTags(e)
		for _, target := range e.Deploy {
			for _, t := range target.Set {
				s.checkExpressions(target, t, tags, e)
			}
			s.checkSubject(target.Message, e)
		}
	}
}

func (s *templateSampler) sampleFields(environment string, name component.Name) map[string]string {
	return map[string]string{
		"Service":     s.config.Service,
		"Component":   string(name),
		"Environment": environment,
		"SHA":         "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
		"ShortSHA":    "0a1b2c3d",
		"Branch":      "sample-branch",
		"Version":     "1.2.3",
	}
}

// sampleTags returns the tag of each component, and reports two components whose images would be one.
func (s *templateSampler) sampleTags(e Environment) map[component.Name]string {
	tags, refs := map[component.Name]string{}, map[imageref.Reference]component.Name{}
	for _, c := range s.config.Components {
		tag, ok := s.executeTemplate(c.Tag, s.sampleFields(e.Name, c.Name))
		if !ok {
			continue
		}
		tags[c.Name] = tag
		ref := s.config.Repository(e.Name, c).Tagged(tag)
		if !imageref.IsTag(tag) {
			s.reportTemplate(c, "a tag has up to 128 letters, digits, `.`, `_` and `-`, and begins with none of the last two",
				"the tag of component %q becomes %q, which is not a tag", c.Name, tag)
		} else if other, taken := refs[ref]; taken {
			s.reportTemplate(c, "use {{ .Component }} in `tag`, or give each component an `image:` of its own",
				"components %q and %q become the same image %s", other, c.Name, ref)
		}
		refs[ref] = c.Name
	}
	return tags
}

// checkExpressions reports two components that would set one value to different tags: the last would win.
func (s *templateSampler) checkExpressions(target Deploy, t Template, tags map[component.Name]string, e Environment) {
	type setter struct {
		component  component.Name
		expression string
	}
	setters := map[string]setter{}
	for _, c := range s.config.Components {
		if !target.Sets(c.Name) {
			continue
		}
		shape, ok := s.executeTemplate(t, withImage(s.sampleFields(e.Name, c.Name), s.config.Repository(e.Name, c), sampleTag))
		if !ok {
			return
		}
		if strings.TrimSpace(shape) == "" {
			s.reportOnce(t, t.Line, t.Column, "write `components:` beside `set`, and name there the components that the file has",
				"the template %q gives nothing for the component %q", t.Text, c.Name)
			continue
		}
		expression, ok := s.executeTemplate(t, withImage(s.sampleFields(e.Name, c.Name), s.config.Repository(e.Name, c), tags[c.Name]))
		if !ok {
			return
		}
		if other, taken := setters[shape]; taken && other.expression != expression {
			s.reportOnce(t, t.Line, t.Column, "name the component in the path: .{{ .Component }}.imageTag",
				"components %q and %q set the same value to different tags", other.component, c.Name)
		}
		setters[shape] = setter{c.Name, expression}
	}
}

// withImage adds what `set` knows of an image.
func withImage(fields map[string]string, image imageref.Repository, tag string) map[string]string {
	fields["Tag"], fields["Digest"] = tag, sampleDigest
	fields["Ref"] = image.Tagged(tag).WithDigest(sampleDigest).String()
	return fields
}

func (s *templateSampler) executeTemplate(t Template, fields map[string]string) (string, bool) {
	text, err := t.Execute(fields)
	if err != nil {
		s.reportOnce(t, t.Line, t.Column, templateReference, "executing the template %q: %v", t.Text, err)
	}
	return text, err == nil
}

// reportTemplate points at the template that names a component's image or, where that is the default, at the component.
func (s *templateSampler) reportTemplate(c Component, remedy, format string, args ...any) {
	line, column := c.Tag.Line, c.Tag.Column
	if line == 0 {
		line, column = c.Line, c.Column
	}
	s.reportOnce(c.Tag, line, column, remedy, format, args...)
}

// reportOnce reports one mistake for a template, which all components and environments may share.
func (s *templateSampler) reportOnce(t Template, line, column int, remedy, format string, args ...any) {
	if !s.reported[t] {
		s.decoder.Report(line, column, remedy, format, args...)
	}
	s.reported[t] = true
}
