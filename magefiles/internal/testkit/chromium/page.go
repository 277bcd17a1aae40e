package chromium

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Reader is a viewer of a page.
type Reader struct {
	Width, Height int
	Dark          bool
	Language      string // as the browser is set to: en-US, ko-KR
	Mobile        bool
}

// Page is a tab. Its methods fail the test.
type Page struct {
	t       testing.TB
	browser *Browser
	session string

	mu         sync.Mutex
	requests   []string
	complaints []string
	loaded     chan struct{}
}

// Open shows an address to a reader and waits until it is loaded.
func (b *Browser) Open(t testing.TB, address string, r Reader) *Page {
	t.Helper()
	p := &Page{t: t, browser: b, loaded: make(chan struct{}, 16)}
	var target struct{ TargetID, SessionID string }
	p.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	id := target.TargetID
	p.call("", "Target.attachToTarget", map[string]any{"targetId": id, "flatten": true}, &target)
	p.session = target.SessionID
	b.connection.listen(p.session, p.hear)
	for _, domain := range []string{"Page", "Network", "Runtime", "Log"} {
		p.Call(domain+".enable", nil, nil)
	}
	scheme := "light"
	if r.Dark {
		scheme = "dark"
	}
	p.Call("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": r.Width, "height": r.Height, "deviceScaleFactor": 1,
		"mobile": r.Mobile,
	}, nil)
	p.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{
		{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"},
	}}, nil)
	if r.Language != "" {
		p.Call("Emulation.setUserAgentOverride", map[string]any{"userAgent": "test", "acceptLanguage": r.Language}, nil)
	}
	p.Navigate(address)
	t.Cleanup(func() { p.call("", "Target.closeTarget", map[string]any{"targetId": id}, nil) })
	return p
}

// Navigate leaves the page for another address, and waits until that is loaded.
func (p *Page) Navigate(address string) {
	p.t.Helper()
	var answer struct{ ErrorText string }
	p.Call("Page.navigate", map[string]any{"url": address}, &answer)
	if answer.ErrorText != "" {
		p.t.Fatalf("opening %s: %s", address, answer.ErrorText)
	}
	p.Loaded()
}

// Loaded waits until the page has been loaded once more.
func (p *Page) Loaded() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	select {
	case <-p.loaded:
	case <-ctx.Done():
		p.t.Fatalf("waiting for the page: %v", ctx.Err())
	}
}

// Call is any method of the protocol on this page; into may be nil.
func (p *Page) Call(method string, params, into any) {
	p.t.Helper()
	p.call(p.session, method, params, into)
}

func (p *Page) call(session, method string, params, into any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), patience)
	defer cancel()
	if params == nil {
		params = struct{}{}
	}
	if err := p.browser.connection.call(ctx, session, method, params, into); err != nil {
		p.t.Fatal(err)
	}
}

// hear notes what the page asks for and complains about.
func (p *Page) hear(method string, params json.RawMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch method {
	case "Page.loadEventFired":
		p.loaded <- struct{}{}
	case "Network.requestWillBeSent":
		var event struct{ Request struct{ URL string } }
		_ = json.Unmarshal(params, &event)
		p.requests = append(p.requests, event.Request.URL)
	case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded":
		p.complaints = append(p.complaints, method+" "+string(params))
	}
}

// Requests are the addresses that were asked for so far, the page's own among them.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// Complaints are exceptions, and whatever was written to the console or the log.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.complaints)
}

// Evaluate runs JavaScript, waits where it gives a promise, and decodes its value; into may be nil.
func (p *Page) Evaluate(expression string, into any) {
	p.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	p.Call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		p.t.Fatalf("evaluating %.200s: %s", expression, answer.ExceptionDetails.Exception.Description)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, into); err != nil {
		p.t.Fatalf("evaluating %.200s: %v in %s", expression, err, answer.Result.Value)
	}
}

// Text returns the visible text of a selector's first element, without hidden parts.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	var text string
	p.Evaluate(fmt.Sprintf("document.querySelector(%q).innerText", selector), &text)
	return strings.Join(strings.Fields(text), " ")
}

// Press presses a key as a person does: Tab, Enter.
func (p *Page) Press(key string) {
	p.t.Helper()
	params := map[string]any{"key": key, "code": key, "type": "keyDown"}
	switch key {
	case "Tab":
		params["windowsVirtualKeyCode"] = 9
	case "Enter":
		params["windowsVirtualKeyCode"], params["text"] = 13, "\r"
	}
	p.Call("Input.dispatchKeyEvent", params, nil)
	params["type"] = "keyUp"
	delete(params, "text")
	p.Call("Input.dispatchKeyEvent", params, nil)
}

// Screenshot returns the visible page, as PNG.
func (p *Page) Screenshot() []byte {
	p.t.Helper()
	var shot struct{ Data string }
	p.Call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}
