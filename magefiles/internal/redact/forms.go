package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// encodedForms returns a text and its encodings: base64 at any offset (an Authorization header holds "user:secret"), also in
// lines, hexadecimal, percent-encoded and in JSON strings.
func encodedForms(text string) []string {
	all := []string{text, hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text)))}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		encoded := encoding.EncodeToString([]byte(text))
		all = append(all, encoded, strings.TrimRight(encoded, "="))
		for offset := range 3 {
			all = append(all, shiftedBase64(encoding, text, offset))
		}
		all = append(all, wrappedLines(encoded, 64)...)
		all = append(all, wrappedLines(encoded, 76)...)
	}
	return append(append(all, percentForms(text)...), jsonForms(text)...)
}

// shiftedBase64 is the part of a secret's base64 form that does not depend on what stands before and after it, where offset
// bytes (0 to 2, modulo 3) stand before it.
func shiftedBase64(encoding *base64.Encoding, secret string, offset int) string {
	encoded := encoding.EncodeToString(append(make([]byte, offset), secret...))
	first := (offset*8 + 5) / 6 // letters that hold bits of the bytes before it
	last := (offset + len(secret)) * 8 / 6
	return encoded[first:last]
}

// wrappedLines returns the whole lines of an encoding that a tool breaks into lines of the given width: 64 in PEM, 76 in MIME
// and by base64 of GNU. A short rest stays out: it would hide other text.
func wrappedLines(encoded string, width int) (lines []string) {
	if len(encoded) <= width {
		return nil
	}
	for len(encoded) >= minDistinctive {
		line := encoded[:min(width, len(encoded))]
		lines, encoded = append(lines, line), encoded[len(line):]
	}
	return lines
}

var percentEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

// percentForms returns the percent-encodings of Go, of forms, of JavaScript's encodeURIComponent and of Python's quote, each with
// capital and small digits.
func percentForms(text string) []string {
	form := url.QueryEscape(text)
	plain := strings.ReplaceAll(form, "+", "%20")
	component := strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(plain)
	all := []string{form, url.PathEscape(text), plain, component, strings.ReplaceAll(plain, "%2F", "/")}
	for _, each := range all {
		all = append(all, percentEscape.ReplaceAllStringFunc(each, strings.ToLower))
	}
	return all
}

// jsonForms returns the text within a JSON string: as encoding/json writes it, as other encoders do, and in ASCII only.
func jsonForms(text string) []string {
	encoded, err := json.Marshal(text)
	if err != nil { // a string always encodes
		return nil
	}
	html := string(encoded[1 : len(encoded)-1])
	plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(html)
	ascii := strconv.QuoteToASCII(text)
	return []string{html, plain, strings.ReplaceAll(plain, "/", `\/`), ascii[1 : len(ascii)-1]}
}
