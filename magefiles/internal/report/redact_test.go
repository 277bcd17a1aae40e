package report_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

const secret = "ghp_S3cr3t+/=?&<Ω\"\\x"

func TestRedactorKnowsTheFormsOfASecret(t *testing.T) {
	r := report.NewRedactor([]string{secret})
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]string{
		"plain":         secret,
		"query":         url.QueryEscape(secret),
		"path":          url.PathEscape(secret),
		"base64":        base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 raw":    base64.RawStdEncoding.EncodeToString([]byte(secret)),
		"base64url":     base64.URLEncoding.EncodeToString([]byte(secret)),
		"base64url raw": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"json":          strings.Trim(string(quoted), `"`),
	}
	for name, form := range forms {
		if got, want := r.String("before "+form+" after"), "before *** after"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// A Basic header holds the secret behind a user name, which shifts its base64 form.
func TestRedactorKnowsAuthorizationHeaders(t *testing.T) {
	r := report.NewRedactor([]string{secret})
	for _, user := range []string{"", "u", "us", "use", "x-access-token"} {
		for _, tail := range []string{"", "!", "!!"} {
			header := base64.StdEncoding.EncodeToString([]byte(user + ":" + secret + tail))
			got := r.String(header)
			if !strings.Contains(got, "***") {
				t.Fatalf("%s:<secret>%s is not masked: %s", user, tail, got)
			}
			// What remains beside the mask are letters that hold bits of the neighbours too: three at either end.
			if rest := len(got) - len("***") - base64.StdEncoding.EncodedLen(len(user)+1+len(tail)); rest > 6 {
				t.Errorf("%s:<secret>%s leaves %d letters: %s", user, tail, rest, got)
			}
		}
	}
}

func TestRedactorMasksEachLine(t *testing.T) {
	r := report.NewRedactor([]string{"-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nshort\r\n-----END KEY-----\n"})
	got := r.String("key: MIIEvQIBADANBg short\n-----BEGIN KEY-----\n")
	if want := "key: *** short\n***\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRedactorIgnoresWhatIsTooShort(t *testing.T) {
	r := report.NewRedactor([]string{"", "main", "비밀번호다섯"[:15]})
	for _, text := range []string{"", "main", "비밀번호다"} {
		if got := r.String(text); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	if got := report.NewRedactor([]string{"비밀번호여섯"}).String("비밀번호여섯!"); got != "***!" {
		t.Errorf("six letters of Korean: got %q", got)
	}
}

func TestRedactorMergesOverlaps(t *testing.T) {
	r := report.NewRedactor([]string{"abcdef", "defghi", "abcdefghijkl"})
	tests := map[string]string{
		"abcdef":         "***",
		"-abcdefghi-":    "-***-",
		"abcdefghijkl!":  "***!",
		"abcdefghijk!":   "***jk!",
		"abcdefabcdef":   "***",
		"abcdef abcdef":  "*** ***",
		"abcde abcdef":   "abcde ***",
		"aabcdef":        "a***",
		"ababcdefababcd": "ab***ababcd",
	}
	for text, want := range tests {
		if got := r.String(text); got != want {
			t.Errorf("String(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestRedactingWriterHoldsBackOnlyWhatMayBeASecret(t *testing.T) {
	var b bytes.Buffer
	w := report.NewRedactor([]string{"abcdef"}).Writer(&b)
	steps := []struct{ write, want string }{
		{"log abc", "log "},
		{"", "log "},
		{"de", "log "},
		{"f", "log ***"},
		{"\nabc", "log ***\n"},
		{"x", "log ***\nabcx"},
		{"abcd", "log ***\nabcx"},
	}
	for _, step := range steps {
		n, err := fmt.Fprint(w, step.write)
		if err != nil || n != len(step.write) {
			t.Fatalf("write of %q: %d, %v", step.write, n, err)
		}
		if b.String() != step.want {
			t.Errorf("after %q: got %q, want %q", step.write, b.String(), step.want)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "log ***\nabcxabcd"; b.String() != want {
		t.Errorf("after Flush: got %q, want %q", b.String(), want)
	}
}

func TestRedactingWriterReportsErrors(t *testing.T) {
	w := report.NewRedactor(nil).Writer(broken{})
	if n, err := w.Write([]byte("x")); n != 0 || !errors.Is(err, errBroken) {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestRedactingWriterIsSafeForConcurrentUse(t *testing.T) {
	var b bytes.Buffer
	w := report.NewRedactor([]string{"abcdef"}).Writer(&b)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				_, _ = w.Write([]byte("[abcdef]\n"))
			}
		})
	}
	wg.Wait()
	if want := strings.Repeat("[***]\n", 800); b.String() != want {
		t.Error("writes were mixed or not masked")
	}
}

// For any cut of the stream no secret appears, the rest stays as it is, and the result is that of the uncut text.
func FuzzRedactingWriter(f *testing.F) {
	f.Add("abcdef", "defghi", "x abcdefghi y", uint(3), uint(2))
	f.Add(secret, "line one\nline two", "see "+secret+" and line one\nline two", uint(7), uint(1))
	f.Add("aaaaaaaa", "aaaaaab", "aaaaaaaaaaaaaabaaaa", uint(5), uint(4))
	f.Add("비밀번호여섯", "", "비밀번호여섯비밀번", uint(1), uint(1))
	f.Add("abcdef", "", base64.StdEncoding.EncodeToString([]byte("u:abcdef")), uint(6), uint(3))
	f.Fuzz(func(t *testing.T, one, two, text string, first, step uint) {
		secrets := []string{one, two}
		r := report.NewRedactor(secrets)
		whole := r.String(text)

		var b bytes.Buffer
		w := r.Writer(&b)
		for rest, n := []byte(text), first; len(rest) > 0; n = step%7 + 1 {
			cut := min(int(n%64), len(rest))
			if _, err := w.Write(rest[:cut]); err != nil {
				t.Fatal(err)
			}
			rest = rest[cut:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if b.String() != whole {
			t.Fatalf("cut: %q\nwhole: %q", b.String(), whole)
		}
		for _, s := range secrets {
			if len([]rune(s)) >= 6 && !strings.Contains(s, "*") && strings.Contains(whole, s) {
				t.Fatalf("%q shows in %q", s, whole)
			}
		}
		if !isMasked(text, whole) {
			t.Fatalf("%q is not %q with parts masked", whole, text)
		}
	})
}

// isMasked tells whether redacted is text with some non-empty parts replaced by the mask.
func isMasked(text, redacted string) bool {
	parts := strings.Split(redacted, "***")
	if strings.Contains(text, "*") { // the text's own asterisks: no telling them from the mask
		return true
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	for i, part := range parts[1:] {
		text = text[len(parts[i]):]
		at := strings.Index(text[min(1, len(text)):], part)
		if i == len(parts)-2 {
			at = len(text) - 1 - len(part)
		}
		if at < 0 || !strings.HasPrefix(text[min(1, len(text)):][at:], part) {
			return false
		}
		text = text[1+at:]
	}
	return len(parts) > 1 || text == redacted
}

func BenchmarkRedactingWriter(b *testing.B) {
	line := []byte("#12 3.456 > Task :server-core:compileJava UP-TO-DATE, ghp_ and more of the build's log\n")
	w := report.NewRedactor([]string{secret, "github_pat_0123456789abcdef"}).Writer(discard{})
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = w.Write(line)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
