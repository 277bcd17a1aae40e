package config

import (
	"errors"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MostSubject is the maximum length of a pull request's title on GitHub, in characters.
const MostSubject = 256

// trailerStart begins the trailers that tell what a commit deploys.
const trailerStart = "Astrago-"

// Subject returns the first line of a commit's message. It is one line with text, and none that could be taken for a trailer where
// GitHub puts a pull request's title into the text of its merge.
func (t Template) Subject(fields map[string]string) (string, error) {
	text, err := t.Execute(fields)
	if err != nil {
		return "", err
	}
	switch text = strings.TrimSpace(text); {
	case text == "":
		return "", errors.New("it gives nothing")
	case strings.ContainsFunc(text, breaksLine):
		return "", errors.New("it gives more than a line of text")
	case strings.HasPrefix(text, trailerStart):
		return "", errors.New("it begins with " + trailerStart + ", as trailers do")
	}
	return text, nil
}

// breaksLine reports whether a character is for machines, or begins another line for some of them.
func breaksLine(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) }

// checkSubject tries `message` on the two commits that have the most and the least fields.
func (s *templateSampler) checkSubject(t Template, e Environment) {
	if t.Text == "" {
		return
	}
	release := s.sampleFields(e.Name, "")
	release["Headline"] = "deploy(" + e.Name + "): " + s.config.Service + " " + release["ShortSHA"]
	hold := maps.Clone(release)
	hold["Headline"] = "hold(" + e.Name + "): " + s.config.Service + " sample"
	for _, absent := range []string{"SHA", "ShortSHA", "Branch", "Version"} {
		hold[absent] = ""
	}
	for _, fields := range []map[string]string{release, hold} {
		text, err := t.Subject(fields)
		if err == nil && utf8.RuneCountInString(text) > MostSubject {
			err = errors.New("it gives more than the 256 characters that GitHub takes for a title")
		}
		if err != nil {
			s.reportOnce(t, t.Line, t.Column,
				"write one line such as `TEAM-1 {{ .Headline }}`; a hold has no .SHA, .ShortSHA, .Branch and .Version",
				"executing the template %q: %v", t.Text, err)
		}
	}
}
