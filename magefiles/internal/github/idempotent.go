package github

import "net/http"

// idempotentTransport marks every request as one that may be sent again.
type idempotentTransport struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t idempotentTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	marked := req.Clone(req.Context())
	markIdempotent(marked)
	return t.base.RoundTrip(marked)
}

// markIdempotent lets a POST that only reads be repeated. A present but empty Idempotency-Key is net/http's own
// convention for this, and is not sent (http.Transport's documentation).
func markIdempotent(req *http.Request) { req.Header["Idempotency-Key"] = []string{} }

func isIdempotent(req *http.Request) bool {
	_, marked := req.Header["Idempotency-Key"]
	return marked || req.Method == http.MethodGet || req.Method == http.MethodHead
}

// canResend reports whether the body can be had a second time.
func canResend(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}
