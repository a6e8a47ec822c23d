package history

import "time"

const (
	// shortestInterval is between two rows of a point that need no thinning: what a chart of an hour can show.
	shortestInterval = time.Second
	// longestInterval bounds the thinning: minutes have the rest.
	longestInterval = time.Minute
	// rowCost is what a row costs on the disk in bytes: twice in the log and twice in a table, with its share of pages.
	rowCost = 120
)

// adapt makes the distance between two rows of a point follow what the budget pays for. The number of rows that come out
// of a distance depends on how fast the points change, so it is found by trying: at most twice or half per batch.
func (p *pending) adapt(o Options, rows, minutes int) {
	allowed := float64(o.BytesPerDay) * o.Every.Hours() / 24 / rowCost
	p.mu.Lock()
	defer p.mu.Unlock()
	// They come all at once when a minute is over.
	p.usualMinutes += (float64(minutes) - p.usualMinutes) * min(o.Every.Minutes(), 1)
	// Minutes are written whatever the distance. A tenth is always left for rows.
	allowed = max(allowed-p.usualMinutes, allowed/10)
	ratio := min(max(float64(rows)/allowed, 0.5), 2)
	p.interval = min(max(time.Duration(float64(p.interval)*ratio), shortestInterval), longestInterval)
}
