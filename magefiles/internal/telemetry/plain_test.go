package telemetry

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

const signature = "s1gnature"

// signedQueries are queries that sign an address; RFC 3986 allows all their characters unescaped.
var signedQueries = []string{
	"sig=" + signature, "X-Amz-Date=20260101T000000Z&X-Amz-Signature=" + signature, "a?b=c?" + signature, "a/b;c=" + signature,
	"rscd=attachment;filename*=UTF-8''notes.txt&sig=" + signature, "name='x'&sig=" + signature, "name='x',(y):!$*+;sig=" + signature,
	"a=%0A%22&sig=" + signature, "a='&sig=" + signature + "#there", "a=긴&sig=" + signature,
}

// quoting are the ways in which a text has an address.
var quoting = map[string]func(address string) string{
	"bare":             func(a string) string { return "getting " + a + " failed" },
	"all":              func(a string) string { return a },
	"in apostrophes":   func(a string) string { return "getting '" + a + "' failed" },
	"in quotes":        func(a string) string { return fmt.Sprintf("getting %q: failed", a) },
	"in brackets":      func(a string) string { return "getting <" + a + "> failed" },
	"of net/http":      func(a string) string { return (&url.Error{Op: "Get", URL: a, Err: errors.New("failed")}).Error() },
	"on a line":        func(a string) string { return "getting\n" + a + "\nfailed" },
	"on a quoted line": func(a string) string { return fmt.Sprintf("%q failed", "getting\n"+a) },
	"in JSON": func(a string) string {
		data, _ := json.Marshal([]string{"getting\t" + a, "failed"}) // strings never fail
		return string(data)
	},
	"twice": func(a string) string { return "getting " + a + " from " + a + " failed" },
}

// TestNoQueryOfAURLIsLeft, however a server writes it and a text quotes it; host and path stay, for people to see what was asked.
func TestNoQueryOfAURLIsLeft(t *testing.T) {
	for name, quoted := range quoting {
		for _, place := range []string{
			"https://storage.example.com/blob", "HTTPS://storage.example.com/blob", "http://127.0.0.1:5000/v2/it's/blob", "https://[::1]/",
			"https://storage.example.com", "https://저장소.example/파일",
		} {
			for _, query := range signedQueries {
				text := quoted(place + "?" + query)
				got := WithoutQueries(text)
				if strings.Contains(got, signature) || strings.Contains(got, "?") {
					t.Errorf("%s: a query is left of %s in %s", name, text, got)
				}
				if !strings.Contains(got, place) || (name != "all" && !strings.Contains(got, "failed")) {
					t.Errorf("%s: of %s only %s is left", name, text, got)
				}
			}
		}
	}
}

// TestTextWithoutAQueryStays to the byte.
func TestTextWithoutAQueryStays(t *testing.T) {
	for _, text := range []string{
		"", "why?", "https://example.com/a, what is it?", "'https://example.com/a' or \"https://example.com/b\"?", "file:///a?b", "a?b=c",
		"https://example.com/\n?a=b", "https://", "https://?a",
	} {
		if got := WithoutQueries(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := WithoutQueries("'https://example.com/a?b' and 'c'"); got != "'https://example.com/a' and 'c'" {
		t.Errorf("the apostrophes around an address are gone: %s", got)
	}
}

// FuzzWithoutQueries has nothing left to remove, and adds nothing.
func FuzzWithoutQueries(f *testing.F) {
	for _, query := range signedQueries {
		f.Add("getting 'https://example.com/a?" + query + "' failed")
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := WithoutQueries(text)
		if twice := WithoutQueries(once); twice != once || len(once) > len(text) {
			t.Errorf("%q became %q, and then %q", text, once, twice)
		}
	})
}

func TestSecondsAreToTheMicrosecond(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", time.Nanosecond: "0", 1500 * time.Nanosecond: "2e-06", time.Second / 3: "0.333333", time.Hour + time.Millisecond: "3600.001",
	} {
		if got := Seconds(d); got.Key != "seconds" || got.Value.String() != want {
			t.Errorf("%s is %s", d, got)
		}
	}
}
