/** What a scanner says about a file. */
export type ScanResult = { readonly clean: true } | { readonly clean: false; readonly signature: string }

/** A file that is to be scanned. It is closed and will not change. */
export interface ScannedFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
}

/** Looks into a file for what signatures know. Rejects where it cannot. */
export type FileScanner = (file: ScannedFile, signal: AbortSignal) => Promise<ScanResult>
