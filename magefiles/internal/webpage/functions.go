package webpage

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Text is a text in both languages, of which the page shows one.
type Text struct{ EN, KO string }

// Both returns a text from its English and its Korean form.
func Both(en, ko string) Text { return Text{EN: en, KO: ko} }

// linkedText is a text that leads somewhere, if Address is an address.
type linkedText struct{ Text, Address string }

func templateFunctions(words map[string]Text) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string) (Text, error) { return lookUpText(words, key) },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"plain": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") },
		"short": commitid.ShortRevision,
		"web":   webAddress,
		"pair":  func(text, address string) linkedText { return linkedText{text, address} },
	}
}

// lookUpText looks a text of the page up, or one of the frame.
func lookUpText(words map[string]Text, key string) (Text, error) {
	if found, ok := words[key]; ok {
		return found, nil
	}
	if key == "language" {
		return Both("Language", "언어"), nil
	}
	return Text{}, fmt.Errorf("there is no text %q", key)
}

// webAddress is an address that a reader may be sent to; "" for everything else.
func webAddress(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}
