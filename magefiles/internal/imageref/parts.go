package imageref

import "strings"

// Parts are those of a reference as a manifest, a values file or another program has it. Nothing is checked or completed: the text
// may be a template, a tag alone, or no reference at all.
type Parts struct {
	Name   string // what stands before tag and digest, with a registry's port
	Tag    string
	Digest string
}

// Split takes a text of the form name[:tag][@digest] apart; a colon before the last slash belongs to a registry's port. A separator
// with nothing behind it stays where it is, so that String returns the text again.
func Split(text string) Parts {
	p := Parts{Name: text}
	if name, digest, _ := strings.Cut(text, "@"); digest != "" {
		p.Name, p.Digest = name, digest
	}
	colon := strings.LastIndexByte(p.Name, ':')
	if colon > strings.LastIndexByte(p.Name, '/') && colon < len(p.Name)-1 {
		p.Name, p.Tag = p.Name[:colon], p.Name[colon+1:]
	}
	return p
}

// Tagged returns the text without its digest.
func (p Parts) Tagged() string {
	if p.Tag == "" {
		return p.Name
	}
	return p.Name + ":" + p.Tag
}

// String returns the text.
func (p Parts) String() string {
	if p.Digest == "" {
		return p.Tagged()
	}
	return p.Tagged() + "@" + p.Digest
}
