package commitid_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

const (
	sha1   = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
	sha256 = sha1 + "0123456789abcdef01234567"
)

func TestIDsAreHexDigits(t *testing.T) {
	for text, want := range map[string]struct{ parses, whole bool }{
		"":                            {false, false},
		"main":                        {false, false},
		"HEAD":                        {false, false},
		"a1b2c3":                      {false, false}, // 6 digits, which a branch or a word may be
		"a1b2c3d":                     {true, false},
		"1234567":                     {true, false},
		"defaced":                     {true, false},
		"A1B2C3D4":                    {false, false},
		strings.ToUpper(sha1):         {false, false},
		sha1[:39]:                     {true, false},
		sha1:                          {true, true},
		sha1 + "0":                    {true, false},
		sha256[:63]:                   {true, false},
		sha256:                        {true, true},
		sha256 + "0":                  {false, false},
		sha1 + "\n":                   {false, false},
		" " + sha1:                    {false, false},
		sha1[:20] + "g" + sha1[21:]:   {false, false},
		sha1[:20] + "é" + sha1[22:]:   {false, false},
		"v1.2.3":                      {false, false},
		"refs/heads/a1b2c3d4":         {false, false},
		"sha256:" + sha256:            {false, false},
		string(commitid.Null):         {true, true},
		strings.Repeat("0", 64):       {true, true},
		"a1b2c3d4^{commit}":           {false, false},
		"-a1b2c3d4":                   {false, false},
		"a1b2c3d4..b1b2c3d4":          {false, false},
		strings.Repeat("a1b2 ", 8):    {false, false},
		strings.Repeat("a1b2\x00", 8): {false, false},
	} {
		id, err := commitid.Parse(text)
		if (err == nil) != want.parses || (id == commitid.ID(text)) != (err == nil || text == "") {
			t.Errorf("%q gives %q, %v", text, id, err)
		}
		if got := commitid.ID(text).IsValid(); got != want.parses {
			t.Errorf("%q is valid: %v", text, got)
		}
		if got := commitid.ID(text).IsWhole(); got != want.whole {
			t.Errorf("%q is whole: %v", text, got)
		}
	}
}

func TestShortIsWhatPeopleRead(t *testing.T) {
	for id, want := range map[string]string{
		"":             "",
		"a1b2c3d":      "a1b2c3d",
		sha1[:8]:       "a1b2c3d4",
		sha1:           "a1b2c3d4",
		sha256:         "a1b2c3d4",
		"ein Zweig":    "ein Zwei",
		"가지 이름이 긴 것":   "가지 이름이 긴", // no id, and no half of a letter either
		"refs/heads/x": "refs/hea",
	} {
		if got := commitid.ID(id).Short(); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

func TestAbbreviationsOfAnID(t *testing.T) {
	for _, test := range []struct {
		id, other string
		want      bool
	}{
		{sha1[:8], sha1, true},
		{sha1, sha1, true},
		{sha1, sha1[:8], false},
		{sha1[:8], "b" + sha1[1:], false},
		{sha1[1:9], sha1, false},
		{"", sha1, false}, // none is not every commit
		{"", "", false},
		{sha1[:8], "", false},
	} {
		if got := commitid.ID(test.id).Abbreviates(commitid.ID(test.other)); got != test.want {
			t.Errorf("%q abbreviates %q: %v", test.id, test.other, got)
		}
	}
}

func TestNullIDIsOfNoObject(t *testing.T) {
	for id, want := range map[commitid.ID]bool{
		commitid.Null: true, commitid.Null[:8]: true, commitid.ID(strings.Repeat("0", 64)): true,
		"": false, sha1: false, commitid.Null[:39] + "1": false,
	} {
		if got := id.IsNull(); got != want {
			t.Errorf("%q is of no object: %v", id, got)
		}
	}
	if !commitid.Null.IsWhole() {
		t.Error("git writes the null id whole")
	}
}

// TestDocumentsHoldIDsAsText keeps the files and reports of before readable: an id is a text in JSON and YAML, also one of digits alone.
func TestDocumentsHoldIDsAsText(t *testing.T) {
	type document struct {
		ID commitid.ID `json:"id,omitempty" yaml:"id,omitempty"`
	}
	type text struct {
		ID string `json:"id,omitempty" yaml:"id,omitempty"`
	}
	for _, id := range []string{"", sha1, "1234567", "12345e6", "0000000", "main"} {
		for name, format := range map[string]struct {
			write func(any) ([]byte, error)
			read  func([]byte, any) error
		}{
			"JSON": {json.Marshal, json.Unmarshal},
			"YAML": {yaml.Marshal, yaml.Unmarshal},
		} {
			written, err := format.write(document{commitid.ID(id)})
			plain, plainErr := format.write(text{id})
			if err != nil || plainErr != nil || !bytes.Equal(written, plain) {
				t.Errorf("%s of %q: %s, %v; a text is %s, %v", name, id, written, err, plain, plainErr)
			}
			var read document
			if err := format.read(written, &read); err != nil || read.ID != commitid.ID(id) {
				t.Errorf("%s of %q gives %q, %v", name, id, read.ID, err)
			}
		}
	}
	var unquoted document
	if err := yaml.Unmarshal([]byte("id: 1234567\n"), &unquoted); err != nil || unquoted.ID != "1234567" {
		t.Errorf("an id of digits that a person wrote: %q, %v", unquoted.ID, err)
	}
}

// FuzzID holds what is true of every text, be it an id or not.
func FuzzID(f *testing.F) {
	for _, text := range []string{"", "a", "main", "a1b2c3", "a1b2c3d", "A1B2C3D", sha1, sha256, sha256 + "0", sha1 + "\n", "é", "\xff\xfe\xfd"} {
		f.Add(text, 3, 9)
	}
	f.Fuzz(func(t *testing.T, text string, i, j int) {
		id, err := commitid.Parse(text)
		if err != nil && id != "" {
			t.Errorf("%q is refused and gives %q", text, id)
		}
		if again, err := commitid.Parse(string(id)); err == nil && again != id || err != nil && id != "" {
			t.Errorf("%q is parsed to %q, and that to %q, %v", text, id, again, err)
		}
		carried := commitid.ID(text)
		if carried.IsValid() != (err == nil) || carried.IsWhole() && err != nil {
			t.Errorf("%q is valid: %v, whole: %v, %v", text, carried.IsValid(), carried.IsWhole(), err)
		}
		if err == nil && (carried.IsNull() != (strings.Count(text, "0") == len(text)) || text != strings.ToLower(text)) {
			t.Errorf("%q: null %v", text, carried.IsNull())
		}
		short := carried.Short()
		if len(short) > len(text) || utf8.RuneCountInString(short) > commitid.ShortLength || text != "" && !commitid.ID(short).Abbreviates(carried) {
			t.Errorf("%q is %q in short", text, short)
		}
		holdPrefixes(t, carried, i, j)
	})
}

// holdPrefixes cuts an id at two places: each abbreviation abbreviates the longer ones, and none a shorter one.
func holdPrefixes(t *testing.T, id commitid.ID, i, j int) {
	t.Helper()
	if i < 1 || j < i || len(id) < j {
		return
	}
	shorter, longer := id[:i], id[:j]
	if !shorter.Abbreviates(longer) || !longer.Abbreviates(id) || !shorter.Abbreviates(id) || !id.Abbreviates(id) {
		t.Errorf("%q, %q, %q", shorter, longer, id)
	}
	if longer.Abbreviates(shorter) != (i == j) || commitid.ID("").Abbreviates(id) {
		t.Errorf("%q abbreviates %q", longer, shorter)
	}
}

// A version or a branch that is cut may be another one.
func TestShortRevisionCutsIDsAlone(t *testing.T) {
	for revision, want := range map[string]string{
		sha1: sha1[:8], sha256: sha256[:8], "": "", "1.20.3-beta.4": "1.20.3-beta.4", "stabilize/1.0": "stabilize/1.0", sha1[:12]: sha1[:12],
		sha1 + "," + sha1: sha1 + "," + sha1, strings.ToUpper(sha1): strings.ToUpper(sha1), "릴리스/2026-11-30": "릴리스/2026-11-30",
	} {
		if got := commitid.ShortRevision(revision); got != want {
			t.Errorf("%q is shown as %q, want %q", revision, got, want)
		}
	}
}
