declare module 'multer' {
  const multer: { MulterError: new (code: string, field?: string) => Error }
  export default multer
}
